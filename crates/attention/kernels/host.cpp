// The kernels as a shared library for the host's processor, see `host.h`. For tests only.

#include "modulated_attention.cu"

// The kernel `modulated_attention_f<bits>_<head_size>`, or null.
static void (*find(int bits, int head_size))(const Problem *) {
#define CASE(D)                                                                                                      \
    case D:                                                                                                          \
        return bits == 16 ? [](const Problem *p) { modulated_attention_f16_##D(*p); }                                \
                          : [](const Problem *p) { modulated_attention_f32_##D(*p); };
    switch (head_size) {
        CASE(32)
        CASE(48)
        CASE(64)
        CASE(80)
        CASE(128)
        CASE(160)
        default:
            return nullptr;
    }
}

// Runs a kernel on a grid of blocks x heads. False: there is none.
extern "C" bool run_on_host(int bits, int head_size, const Problem *problem, int blocks, int heads, int threads) {
    void (*kernel)(const Problem *) = find(bits, head_size);
    if (kernel) host::launch(kernel, problem, blocks, heads, threads);
    return kernel != nullptr;
}

// What the compiler makes of the parameter.
extern "C" unsigned parameter_size() { return sizeof(Problem); }
