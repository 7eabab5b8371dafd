// The kernels as a shared library for the host's processor, see `host.h`. For tests only.

#include "modulated_attention.cu"

// The kernel of this name, or null.
static void (*find(const char *name))(const Problem *) {
#define FIND(KIND, D)                                                                                                \
    if (std::strcmp(name, "modulated_attention_" #KIND "_" #D) == 0) {                                               \
        return [](const Problem *problem) { modulated_attention_##KIND##_##D(*problem); };                           \
    }
#define FIND_ALL(D) FIND(f16, D) FIND(f16_together, D) FIND(f32, D)
    FIND_ALL(32)
    FIND_ALL(48)
    FIND_ALL(64)
    FIND_ALL(80)
    FIND_ALL(128)
    FIND_ALL(160)
    return nullptr;
}

// Runs a kernel on a grid of blocks x heads. False: there is none.
extern "C" bool run_on_host(const char *name, const Problem *problem, int blocks, int heads, int threads, int shared,
                            bool copies_late) {
    void (*kernel)(const Problem *) = find(name);
    if (kernel) host::launch(kernel, problem, blocks, heads, threads, shared, copies_late);
    return kernel != nullptr;
}

// What the compiler makes of the parameter.
extern "C" unsigned parameter_size() { return sizeof(Problem); }
