// What the kernels ask of Hopper's warpgroups: NVIDIA's instructions here, the same in plain C++ in `host_warpgroup.h`.
#pragma once

#include <cstdint>

// There is code for them only where they are: sm_90a, which is what an H100 and an H200 are.
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define WARPGROUPS
#endif

#ifdef WARPGROUPS

// B of a product in shared memory, made of blocks of 8 x 8 elements that lie in 128 bytes each; PTX's matrix descriptor
// without swizzling. The tensor cores take it in two orders:
//   columns in a block have 16 bytes each (K-major):    k_bytes and n_bytes to the next block of rows and of columns
//   rows in a block have 16 bytes each (MN-major):      the same
struct Matrix {
    uint64_t descriptor;

    __device__ Matrix(const Half *start, int k_bytes, int n_bytes)
        : descriptor(uint64_t(uint32_t(__cvta_generic_to_shared(start)) >> 4 & 0x3fff) | uint64_t(k_bytes >> 4) << 16 |
                     uint64_t(n_bytes >> 4) << 32) {}

    // The same, so many bytes further on.
    __device__ Matrix at(int bytes) const {
        Matrix matrix(*this);
        matrix.descriptor += uint32_t(bytes) >> 4;
        return matrix;
    }
};

#define REGISTERS_8(c, i)                                                                                             \
    "+f"(c[i][0]), "+f"(c[i][1]), "+f"(c[i][2]), "+f"(c[i][3]), "+f"(c[i + 1][0]), "+f"(c[i + 1][1]),                 \
        "+f"(c[i + 1][2]), "+f"(c[i + 1][3])
#define REGISTERS_16(c, i) REGISTERS_8(c, i), REGISTERS_8(c, i + 2)
#define REGISTERS_32(c, i) REGISTERS_16(c, i), REGISTERS_16(c, i + 4)

#define NAMES_0 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"
#define NAMES_16 "%16, %17, %18, %19, %20, %21, %22, %23"
#define NAMES_24 "%24, %25, %26, %27, %28, %29, %30, %31"
#define NAMES_32 "%32, %33, %34, %35, %36, %37, %38, %39"
#define NAMES_40                                                                                                      \
    "%40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, "   \
    "%62, %63"
#define NAMES_64 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79"

#define WGMMA(N, C, A, B, ADD, TRANSPOSED, ...)                                                                       \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, " ADD ", 0;\n"                                                     \
                 "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32.f16.f16 {" C "}, {" A "}, " B ", p, 1, 1, "           \
                 TRANSPOSED ";\n}\n"                                                                                  \
                 : __VA_ARGS__                                                                                        \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b.descriptor), "r"(int(add)), "n"(int(MN_MAJOR)))

// Starts C += A B (C = A B without `add`) with A [64, 16] and B [16, N] in f16, C [64, N] in f32: warp w has the rows from
// 16 w on, A and C spread over it as for `multiply`. `MN_MAJOR`: the order of B.
template <int N, bool MN_MAJOR>
__device__ inline void multiply_together(float (&c)[N / 8][4], const uint32_t (&a)[4], const Matrix &b, bool add) {
    static_assert(N == 32 || N == 48 || N == 64 || N == 80 || N == 128 || N == 160);
    if constexpr (N == 32) {
        WGMMA(32, NAMES_0, "%16, %17, %18, %19", "%20", "%21", "%22", REGISTERS_16(c, 0));
    } else if constexpr (N == 48) {
        WGMMA(48, NAMES_0 ", " NAMES_16, "%24, %25, %26, %27", "%28", "%29", "%30", REGISTERS_16(c, 0), REGISTERS_8(c, 4));
    } else if constexpr (N == 64) {
        WGMMA(64, NAMES_0 ", " NAMES_16 ", " NAMES_24, "%32, %33, %34, %35", "%36", "%37", "%38", REGISTERS_32(c, 0));
    } else if constexpr (N == 80) {
        WGMMA(80, NAMES_0 ", " NAMES_16 ", " NAMES_24 ", " NAMES_32, "%40, %41, %42, %43", "%44", "%45", "%46",
              REGISTERS_32(c, 0), REGISTERS_8(c, 8));
    } else if constexpr (N == 128) {
        WGMMA(128, NAMES_0 ", " NAMES_16 ", " NAMES_24 ", " NAMES_32 ", " NAMES_40, "%64, %65, %66, %67", "%68", "%69", "%70",
              REGISTERS_32(c, 0), REGISTERS_32(c, 8));
    } else {
        WGMMA(160, NAMES_0 ", " NAMES_16 ", " NAMES_24 ", " NAMES_32 ", " NAMES_40 ", " NAMES_64, "%80, %81, %82, %83", "%84",
              "%85", "%86", REGISTERS_32(c, 0), REGISTERS_32(c, 8), REGISTERS_16(c, 16));
    }
}

// Before products of registers that were written, and after them: what was started since the last is one batch.
__device__ inline void start_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void commit_products() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

// Waits until at most LATER batches run, the last ones.
template <int LATER>
__device__ inline void await_products() {
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(LATER) : "memory");
}

// Keeps the compiler from moving the use of registers past this point: it does not know how long products read and write
// them.
template <int N>
__device__ inline void pin(float (&c)[N][4]) {
    for (int n = 0; n < N; ++n) {
        for (int i = 0; i < 4; ++i) asm volatile("" : "+f"(c[n][i])::"memory");
    }
}
template <int N>
__device__ inline void pin(uint32_t (&a)[N][4]) {
    for (int n = 0; n < N; ++n) {
        for (int i = 0; i < 4; ++i) asm volatile("" : "+r"(a[n][i])::"memory");
    }
}

// Makes what this thread has copied to shared memory visible to products.
__device__ inline void publish_copies() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

#endif
