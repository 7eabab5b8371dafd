// The kernels as a shared library for the host's processor, see `host.h`. For tests only.

#include "modulated_attention.cu"

// Runs the kernel `modulated_attention_<element>_<head_size>` on a grid of blocks x heads. False: there is none.
extern "C" bool run_on_host(int bits, int head_size, const Problem *problem, int blocks, int heads, int threads) {
#define CASE(D)                                                                                                      \
    case D:                                                                                                          \
        host::launch(bits == 16 ? [](const Problem *p) { modulated_attention_f16_##D(*p); }                           \
                                : [](const Problem *p) { modulated_attention_f32_##D(*p); },                          \
                     problem, blocks, heads, threads);                                                               \
        return true;
    switch (head_size) {
        CASE(32)
        CASE(48)
        CASE(64)
        CASE(80)
        CASE(128)
        CASE(160)
        default:
            return false;
    }
}

// What the compiler makes of the parameter.
extern "C" unsigned parameter_size() { return sizeof(Problem); }
