// dense_diffusion::ModulatedAttention on the GPU, see the crate's documentation for the formula.
//
//     problem.h   what a kernel is given, and the modulation of a row
//     warp.cuh    NVIDIA's instructions (`host.h`: the same in plain C++)
//     half.cuh    the op in f16, on the tensor cores
//     float.cuh   the op in f32
//
// A launch: 128 threads; grid.x = the blocks of query rows (64 R in f16, 32 in f32), grid.y = B * H; no dynamic shared
// memory. `build.sh` compiles this file; `tests/cuda_arithmetic.rs` compiles it as C++ and holds it against the reference.

#ifdef __CUDACC__
#include "warp.cuh"
#else
#include "host.h"
#endif

#include "half.cuh"
#include "float.cuh"

#define KERNELS(D, R, KEYS)                                                                                          \
    extern "C" __global__ void __launch_bounds__(THREADS) modulated_attention_f16_##D(const Problem problem) {        \
        attend_half<D, R, KEYS>(problem);                                                                             \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(THREADS) modulated_attention_f32_##D(const Problem problem) {        \
        attend_float<D>(problem);                                                                                     \
    }

// The keys of a tile keep a block's shared memory below 48 KiB. `launch.rs` has the head sizes and R too.
KERNELS(32, 2, 64)
KERNELS(48, 2, 64)
KERNELS(64, 2, 64)
KERNELS(80, 2, 64)
KERNELS(128, 1, 32)
KERNELS(160, 1, 32)
