// dense_diffusion::ModulatedAttention on the GPU, see the crate's documentation for the formula.
//
//     problem.h                  what a kernel is given, and the modulation of a row
//     warp.cuh, warpgroup.cuh    NVIDIA's instructions (`host.h`, `host_warpgroup.h`: the same in plain C++)
//     tile.cuh                   keys and values in shared memory
//     products.cuh               the two products on the tensor cores, for all processors and for Hopper
//     half.cuh                   the op in f16
//     float.cuh                  the op in f32
//
// A launch: 128 threads; grid.x = the blocks of query rows (64 R in f16, 32 in f32), grid.y = B * H; in f16 dynamic shared
// memory for the tiles. `build.sh` compiles this file; `tests/cuda_arithmetic.rs` compiles it as C++ and holds it against the reference.

#ifdef __CUDACC__
#include "warp.cuh"
#include "warpgroup.cuh"
#else
#include "host_warpgroup.h"
#endif

#include "half.cuh"
#include "float.cuh"

// Where there are no warpgroups, the kernel for them is never launched; should it be, it must not pass for one that worked.
#ifdef WARPGROUPS
#define ATTEND_TOGETHER(D, R, KEYS) attend_half<WarpgroupProducts, D, R, KEYS>(problem)
#else
#define ATTEND_TOGETHER(D, R, KEYS) asm volatile("trap;")
#endif

// D: head size; R: groups of 64 rows; keys of a tile for each warp by itself, and together.
#define KERNELS(D, R, KEYS, KEYS_TOGETHER)                                                                           \
    extern "C" __global__ void __launch_bounds__(THREADS) modulated_attention_f16_##D(const Problem problem) {        \
        attend_half<WarpProducts, D, R, KEYS>(problem);                                                               \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(THREADS) modulated_attention_f16_together_##D(const Problem problem) { \
        ATTEND_TOGETHER(D, R, KEYS_TOGETHER);                                                                         \
    }                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(THREADS) modulated_attention_f32_##D(const Problem problem) {        \
        attend_float<D>(problem);                                                                                     \
    }

// `launch.rs` has all of these, too. Two groups are better than one, and many keys better than few, as far as there are
// registers for them, and shared memory: 48 KiB for warps by themselves.
KERNELS(32, 2, 64, 64)
KERNELS(48, 2, 64, 64)
KERNELS(64, 2, 64, 64)
KERNELS(80, 2, 64, 32)
KERNELS(128, 1, 32, 32)
KERNELS(160, 1, 32, 32)
