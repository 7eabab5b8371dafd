// What the kernels ask of a warp beyond C++: NVIDIA's instructions here, the same in plain C++ in `host.h`.
#pragma once

#include <cstdint>
#include <cuda_fp16.h>

// Of a block, as large as the launch says.
extern __shared__ __align__(128) char shared_memory[];

using Half = uint16_t;  // an f16 by its bits; arithmetic is done by `multiply`, or in f32

// Two values rounded to f16 in one register, the first in the lower half.
__device__ inline uint32_t pack(float low, float high) {
    const __half2 both = __floats2half2_rn(low, high);  // one instruction
    return uint32_t(__half_as_ushort(both.x)) | uint32_t(__half_as_ushort(both.y)) << 16;
}

// 2^x to 22 bits; what is no normal number becomes 0.
__device__ inline float power_of_two(float x) {
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
    return power;
}

// The value of the lane whose number differs in the bits of `mask`.
template <typename T>
__device__ inline T exchange(T x, int mask) {
    return __shfl_xor_sync(0xffffffffu, x, mask);
}

// Whether it is so for any lane of the warp.
__device__ inline bool any_of_warp(bool x) { return __any_sync(0xffffffffu, x); }

// At 16 bytes, as `copy_async` needs it.
__device__ inline bool is_aligned(const void *p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// C += A B with A [16, 16], B [16, 8] in f16, C [16, 8] in f32, spread over a warp as PTX says for mma.m16n8k16:
// with g = lane / 4 and t = 2 (lane % 4) a lane holds
//     a[0] = A[g][t, t + 1]      a[1] = A[g + 8][t, t + 1]     a[2] = A[g][t + 8, t + 9]   a[3] = A[g + 8][t + 8, t + 9]
//     b0 = B[t, t + 1][g]        b1 = B[t + 8, t + 9][g]
//     c[0, 1] = C[g][t, t + 1]   c[2, 3] = C[g + 8][t, t + 1]
__device__ inline void multiply(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    // Turing has half the depth: the same registers in two steps.
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b0));
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

// Four 8 x 8 blocks of f16 in shared memory: lane l names row l % 8 of block l / 8 (16 bytes, aligned), and gets of
// block i the elements [lane / 4][2 (lane % 4), + 1] in x[i].
__device__ inline void load_blocks(uint32_t (&x)[4], const Half *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(uint32_t(__cvta_generic_to_shared(row)))
                 : "memory");
}

// As `load_blocks`, of the transposed blocks: the elements [2 (lane % 4), + 1][lane / 4].
__device__ inline void load_transposed_blocks(uint32_t (&x)[4], const Half *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(uint32_t(__cvta_generic_to_shared(row)))
                 : "memory");
}

// Starts a copy of 16 bytes, both ends aligned, from global to shared memory, or of zeros where there are none.
__device__ inline void copy_async(void *to, const void *from, bool exists) {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(uint32_t(__cvta_generic_to_shared(to))), "l"(from),
                 "r"(exists ? 16 : 0)
                 : "memory");
#else
    *static_cast<uint4 *>(to) = exists ? *static_cast<const uint4 *>(from) : uint4{0, 0, 0, 0};
#endif
}

// As `copy_async`, of 4 bytes.
__device__ inline void copy_word_async(uint32_t *to, const uint32_t *from, bool exists) {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(uint32_t(__cvta_generic_to_shared(to))), "l"(from),
                 "r"(exists ? 4 : 0)
                 : "memory");
#else
    *to = exists ? *from : 0;
#endif
}

// What this thread has copied since the last is one batch.
__device__ inline void commit_copies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most LATER batches of this thread's copies are under way, the last ones; with 0 for all copies.
template <int LATER>
__device__ inline void await_copies() {
#if __CUDA_ARCH__ >= 800
    if constexpr (LATER == 0) {
        asm volatile("cp.async.wait_all;" ::: "memory");
    } else {
        asm volatile("cp.async.wait_group %0;" ::"n"(LATER) : "memory");
    }
#endif
}
