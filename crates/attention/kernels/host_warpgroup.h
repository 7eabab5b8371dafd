// Hopper's warpgroups in plain C++, as `warpgroup.cuh` has them. A product is computed only when it is waited for: whoever
// reads its result, or writes what it reads, before that sees or does something wrong.
#pragma once

#include <cstdlib>

#include "host.h"

#define WARPGROUPS

namespace host {

// Shared memory has addresses of 18 bits on a GPU; these count from somewhat below the first that is asked for.
inline uintptr_t &window() {
    static thread_local uintptr_t start = 0;
    return start;
}

// PTX's matrix descriptor without swizzling.
inline uint64_t descriptor(const uint16_t *start, int k_bytes, int n_bytes) {
    const auto address = reinterpret_cast<uintptr_t>(start);
    if (address - window() >= 1 << 18) window() = (address & ~uintptr_t(0xffff)) - (1 << 16);
    return uint64_t(uint32_t(address - window()) >> 4 & 0x3fff) | uint64_t(k_bytes >> 4) << 16 | uint64_t(n_bytes >> 4) << 32;
}

// The element [k][n] of a matrix that lies in blocks of 8 x 8: with columns (K-major) or rows (MN-major) of 16 bytes.
inline float element(uint64_t descriptor, int k, int n, bool mn_major) {
    const auto field = [descriptor](int bit) { return (descriptor >> bit & 0x3fff) << 4; };
    const uint64_t blocks = k / 8 * field(16) + n / 8 * field(32);
    const uint64_t inside = mn_major ? k % 8 * 16 + n % 8 * 2 : n % 8 * 16 + k % 8 * 2;
    uint16_t bits;
    std::memcpy(&bits, reinterpret_cast<const void *>(window() + field(0) + blocks + inside), sizeof bits);
    return half_values()[bits];
}

struct Product {
    int batch, columns;
    float (*c)[4];
    const uint32_t *a;
    uint64_t b;
    bool mn_major, add;
};

// What a lane has started.
struct Products {
    std::vector<Product> running;
    int batch = 0;
    bool may_start = false;
};

inline Products &products() {
    static thread_local Products of[MOST_THREADS];
    return of[block().current];
}

inline void multiply_now(const Product &it) {
    Warp &its = warp();
    const int s = side(), g = lane() / 4, t = lane() % 4 * 2;
    for (int i = 0; i < 8; ++i) {
        its.a[s][g + i / 2 % 2 * 8][t + i / 4 * 8 + i % 2] = half_values()[uint16_t(it.a[i / 2] >> i % 2 * 16)];
    }
    its.barrier.wait();
    for (int n = 0; n < it.columns / 8; ++n) {
        for (int i = 0; i < 4; ++i) {
            float sum = it.add ? it.c[n][i] : 0.0f;
            for (int k = 0; k < 16; ++k) {
                sum += its.a[s][g + i / 2 * 8][k] * element(it.b, k, 8 * n + t + i % 2, it.mn_major);
            }
            it.c[n][i] = sum;
        }
    }
}

}  // namespace host

struct Matrix {
    uint64_t descriptor;

    Matrix(const Half *start, int k_bytes, int n_bytes) : descriptor(host::descriptor(start, k_bytes, n_bytes)) {}

    Matrix at(int bytes) const {
        Matrix matrix(*this);
        matrix.descriptor += uint32_t(bytes) >> 4;
        return matrix;
    }
};

template <int N, bool MN_MAJOR>
inline void multiply_together(float (&c)[N / 8][4], const uint32_t (&a)[4], const Matrix &b, bool add) {
    host::Products &its = host::products();
    if (!its.may_start) std::abort();
    its.running.push_back({its.batch, N, c, a, b.descriptor, MN_MAJOR, add});
}

inline void start_products() { host::products().may_start = true; }

inline void commit_products() { ++host::products().batch; }

template <int LATER>
inline void await_products() {
    host::Products &its = host::products();
    while (!its.running.empty() && its.running.front().batch < its.batch - LATER) {
        const host::Product first = its.running.front();
        its.running.erase(its.running.begin());
        host::multiply_now(first);
    }
    its.may_start = false;  // what was waited for may be written now
}

template <typename Registers>
inline void pin(Registers &) {}
inline void publish_copies() {}
