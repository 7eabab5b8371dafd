// A GPU in plain C++, so that the kernels' arithmetic can be tested without one: the threads of a block are coroutines
// of one thread of the host, which change places at every barrier; blocks run one after the other.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#define __global__
#define __device__
#define __launch_bounds__(...)
#define __shared__ static thread_local  // one block runs at a time

struct Problem;

struct float4 {
    float x, y, z, w;
};
struct Index {
    int x, y;
};

namespace host {

constexpr int WARP = 32, MOST_THREADS = 128, MOST_SHARED = 1 << 17;

// All of `expected` threads arrive before any goes on.
struct Barrier {
    int expected = 0, arrived = 0, round = 0;
    void wait();
};

// What the lanes of a warp tell each other. Two of each: a lane may be one exchange ahead of another.
struct Warp {
    Barrier barrier;
    uint32_t values[2][WARP];
    const uint16_t *rows[2][WARP];
    float a[2][16][16], b[2][16][8];
};

// A copy that a thread has started; `from` is null for zeros.
struct Copy {
    int batch;
    void *to;
    const void *from;
    size_t size;
};

struct Block {
    std::vector<Copy> copies[MOST_THREADS];
    int copy_batch[MOST_THREADS];
    bool copies_late;
    ucontext_t main, threads[MOST_THREADS];
    bool finished[MOST_THREADS];
    int exchanges[MOST_THREADS];
    int count, current;
    bool any;
    Index block;
    Barrier barrier;
    Warp warps[MOST_THREADS / WARP];
    void (*kernel)(const Problem *);
    const Problem *problem;
    alignas(128) unsigned char shared[MOST_SHARED];
};

inline Block &block() {
    static thread_local Block it;
    return it;
}

// The next thread's turn.
inline void yield() {
    Block &it = block();
    const int from = it.current;
    do {
        it.current = (it.current + 1) % it.count;
    } while (it.finished[it.current]);
    if (it.current != from) swapcontext(&it.threads[from], &it.threads[it.current]);
}

inline void Barrier::wait() {
    const int before = round;
    if (++arrived == expected) {
        arrived = 0;
        ++round;
    }
    while (round == before) yield();
}

inline Warp &warp() { return block().warps[block().current / WARP]; }
inline int lane() { return block().current % WARP; }
// Which of the two places this exchange uses.
inline int side() { return block().exchanges[block().current]++ % 2; }

inline void start() {
    Block &it = block();
    it.kernel(it.problem);
    it.finished[it.current] = true;
    for (int next = 0; next < it.count; ++next) {
        if (!it.finished[next]) {
            it.current = next;
            setcontext(&it.threads[next]);
        }
    }
    setcontext(&it.main);
}

// Runs a kernel on a grid, with `shared` bytes of shared memory. Copies to there are made as late as they may be, so that who
// does not wait for them is found, or at once, so that who still needs what was there is.
inline void launch(void (*kernel)(const Problem *), const Problem *problem, int blocks, int heads, int threads, int shared,
                   bool copies_late) {
    // Bytes of 255 are NaN in every type: what is read before it is written shows, and what is written behind the end.
    constexpr unsigned char UNTOUCHED = 0xff;
    static thread_local std::vector<char> stacks(MOST_THREADS << 16);
    Block &it = block();
    it.kernel = kernel;
    it.problem = problem;
    it.count = threads;
    for (int index = 0; index < blocks * heads; ++index) {
        it.block = {index % blocks, index / blocks};
        std::memset(it.shared, UNTOUCHED, MOST_SHARED);
        it.barrier = Barrier{threads};
        for (Warp &warp : it.warps) warp.barrier = Barrier{WARP};
        for (int i = 0; i < threads; ++i) {
            it.finished[i] = false;
            it.exchanges[i] = 0;
            it.copies[i].clear();
            it.copy_batch[i] = 0;
            it.copies_late = copies_late;
            getcontext(&it.threads[i]);
            it.threads[i].uc_stack.ss_sp = &stacks[size_t(i) << 16];
            it.threads[i].uc_stack.ss_size = 1 << 16;
            it.threads[i].uc_link = nullptr;
            makecontext(&it.threads[i], start, 0);
        }
        it.current = 0;
        swapcontext(&it.main, &it.threads[0]);
        const auto touched = [](unsigned char byte) { return byte != UNTOUCHED; };
        if (shared > MOST_SHARED || std::any_of(it.shared + shared, it.shared + MOST_SHARED, touched)) std::abort();
    }
}

inline void make(const Copy &copy) {
    copy.from ? std::memcpy(copy.to, copy.from, copy.size) : std::memset(copy.to, 0, copy.size);
}

// The value of an f16, exactly.
inline float half_value(uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                       : exponent     ? std::ldexp(float(1024 + fraction), exponent - 25)
                                      : std::ldexp(float(fraction), -24);
    return bits >> 15 ? -size : size;
}

inline const float *half_values() {
    static const std::vector<float> all = [] {
        std::vector<float> values(1 << 16);
        for (int bits = 0; bits < 1 << 16; ++bits) values[bits] = half_value(uint16_t(bits));
        return values;
    }();
    return all.data();
}

}  // namespace host

#define blockIdx (host::block().block)
#define threadIdx (Index{host::block().current, 0})
#define shared_memory (host::block().shared)

inline void __syncthreads() { host::block().barrier.wait(); }

inline int __syncthreads_or(bool x) {
    host::block().any = false;
    __syncthreads();
    if (x) host::block().any = true;
    __syncthreads();
    return host::block().any;
}

// From here on as in `warp.cuh`.

using Half = uint16_t;

inline float to_float(Half x) { return host::half_values()[x]; }

// The nearest f16, ties to even.
inline Half to_half(float x) {
    if (std::isnan(x)) return 0x7fff;
    const Half sign = std::signbit(x) ? 0x8000 : 0;
    const float size = std::fabs(x);
    if (size == 0.0f) return sign;
    if (size >= 65520.0f) return sign | 0x7c00;
    int exponent;
    std::frexp(size, &exponent);
    // The step between neighbours: 2^-24 for the smallest, and 11 bits of each number else.
    const int step = std::max(exponent - 11, -24);
    const int count = int(std::nearbyint(std::ldexp(size, -step)));
    return sign | Half(step == -24 ? count : ((step + 25) << 10) + count - 1024);
}

inline uint32_t pack(float low, float high) { return uint32_t(to_half(low)) | uint32_t(to_half(high)) << 16; }
inline float power_of_two(float x) { return std::exp2(x); }

template <typename T>
inline T exchange(T x, int mask) {
    static_assert(sizeof(T) == sizeof(uint32_t));
    host::Warp &warp = host::warp();
    const int side = host::side(), lane = host::lane();
    std::memcpy(&warp.values[side][lane], &x, sizeof x);
    warp.barrier.wait();
    std::memcpy(&x, &warp.values[side][lane ^ mask], sizeof x);
    return x;
}

inline bool any_of_warp(bool x) {
    uint32_t any = x;
    for (int mask = 1; mask < host::WARP; mask *= 2) any |= exchange(any, mask);
    return any != 0;
}

inline bool is_aligned(const void *p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

inline void multiply(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    host::Warp &warp = host::warp();
    const int side = host::side(), g = host::lane() / 4, t = host::lane() % 4 * 2;
    auto &left = warp.a[side];
    auto &right = warp.b[side];
    for (int i = 0; i < 2; ++i) {
        const auto half = [i](uint32_t pair) { return to_float(Half(pair >> 16 * i)); };
        left[g][t + i] = half(a[0]);
        left[g + 8][t + i] = half(a[1]);
        left[g][t + 8 + i] = half(a[2]);
        left[g + 8][t + 8 + i] = half(a[3]);
        right[t + i][g] = half(b0);
        right[t + 8 + i][g] = half(b1);
    }
    warp.barrier.wait();
    for (int i = 0; i < 4; ++i) {
        for (int k = 0; k < 16; ++k) c[i] += left[g + i / 2 * 8][k] * right[k][t + i % 2];
    }
}

// The element [row][column] of block i, by the address that lane 8 i + row gave.
inline const uint16_t *const *block_rows(const Half *row) {
    host::Warp &warp = host::warp();
    const int side = host::side();
    warp.rows[side][host::lane()] = row;
    warp.barrier.wait();
    return warp.rows[side];
}

inline void load_blocks(uint32_t (&x)[4], const Half *row) {
    const auto *rows = block_rows(row);
    const int g = host::lane() / 4, t = host::lane() % 4 * 2;
    for (int i = 0; i < 4; ++i) x[i] = rows[8 * i + g][t] | uint32_t(rows[8 * i + g][t + 1]) << 16;
}

inline void load_transposed_blocks(uint32_t (&x)[4], const Half *row) {
    const auto *rows = block_rows(row);
    const int g = host::lane() / 4, t = host::lane() % 4 * 2;
    for (int i = 0; i < 4; ++i) x[i] = rows[8 * i + t][g] | uint32_t(rows[8 * i + t + 1][g]) << 16;
}

inline void copy_async(void *to, const void *from, bool exists, size_t size = 16) {
    host::Block &it = host::block();
    const host::Copy copy{it.copy_batch[it.current], to, exists ? from : nullptr, size};
    it.copies_late ? it.copies[it.current].push_back(copy) : host::make(copy);
}

inline void copy_word_async(uint32_t *to, const uint32_t *from, bool exists) { copy_async(to, from, exists, sizeof *to); }

inline void commit_copies() { ++host::block().copy_batch[host::block().current]; }

template <int LATER>
inline void await_copies() {
    host::Block &it = host::block();
    auto &copies = it.copies[it.current];
    const auto is_awaited = [&](const host::Copy &copy) {
        return LATER == 0 || copy.batch < it.copy_batch[it.current] - LATER;
    };
    while (!copies.empty() && is_awaited(copies.front())) {
        host::make(copies.front());
        copies.erase(copies.begin());
    }
}
