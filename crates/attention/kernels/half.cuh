// The op in f16: both products on the tensor cores, with f32 accumulators.
//
// A block of four warps computes 64 query rows of one head, each warp 16 of them, whose Q stays in registers. The keys
// pass by in tiles, the next one being fetched while one is worked on; a tile's logits live in registers only.
//   1. Only where a row of the block has a strength above 0: once over the keys for the rows' smallest and largest logit.
//   2. Once over the keys for the softmax of the modulated logits (with a running maximum) and its product with V.
#pragma once

#include "problem.h"

constexpr int THREADS = 128;  // of a block
constexpr uint32_t ONES = 0x3c003c00;  // two f16

// D: head size, padded with zeros to a multiple of 16. KEYS: keys of a tile.
template <int D, int KEYS>
struct alignas(16) HalfTile {
    // Eight more than needed: rows 16 bytes apart in the banks, so that eight rows are read at once.
    static constexpr int STRIDE = D + 8;
    Half keys[2][KEYS][STRIDE];
    Half values[2][KEYS][STRIDE];
    uint32_t regions[2][KEYS];
};

// Eight elements of a row, of which `count` exist; the rest becomes 0.
__device__ inline void copy_eight(Half *to, const Half *from, int count, bool aligned) {
    if (aligned && count >= 8) {
        copy_async(to, from);
    } else {
        for (int i = 0; i < 8; ++i) to[i] = i < count ? from[i] : Half(0);
    }
}

template <int D, int KEYS>
__device__ void fetch(HalfTile<D, KEYS> &tile, int buffer, const Problem &problem, const Head<Half> &head, int first,
                      bool aligned, bool with_values) {
    constexpr int CHUNKS = D / 8;
    for (int i = threadIdx.x; i < KEYS * CHUNKS; i += THREADS) {
        const int row = i / CHUNKS, column = i % CHUNKS * 8;
        const int count = first + row < problem.keys ? problem.head_size - column : 0;
        const int64_t from = (first + row) * head.width + column;
        copy_eight(&tile.keys[buffer][row][column], head.key + from, count, aligned);
        if (with_values) copy_eight(&tile.values[buffer][row][column], head.value + from, count, aligned);
    }
    for (int i = threadIdx.x; i < KEYS; i += THREADS) {
        tile.regions[buffer][i] = first + i < problem.keys ? head.key_regions[first + i] : 0;
    }
}

// Calls work(buffer, first key) for every tile of keys.
template <int D, int KEYS, typename Work>
__device__ void for_each_tile(HalfTile<D, KEYS> &tile, const Problem &problem, const Head<Half> &head, bool aligned,
                              bool with_values, Work work) {
    fetch(tile, 0, problem, head, 0, aligned, with_values);
    commit_copies();
    int buffer = 0;
    for (int first = 0; first < problem.keys; first += KEYS, buffer ^= 1) {
        if (first + KEYS < problem.keys) {
            fetch(tile, buffer ^ 1, problem, head, first + KEYS, aligned, with_values);
        }
        commit_copies();
        await_copies_but_last_group();
        __syncthreads();
        work(buffer, first);
        __syncthreads();
    }
}

// Q K^T of the warp's 16 rows and the tile's keys, not scaled, each block of 8 keys as `multiply` spreads it.
template <int D, int KEYS>
__device__ void logits(float (&sim)[KEYS / 8][4], const uint32_t (&query)[D / 16][4], const HalfTile<D, KEYS> &tile,
                       int buffer) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int n = 0; n < KEYS / 16; ++n) {
        float(&left)[4] = sim[2 * n], (&right)[4] = sim[2 * n + 1];
        for (int i = 0; i < 4; ++i) left[i] = right[i] = 0.0f;
#pragma unroll
        for (int k = 0; k < D / 16; ++k) {
            uint32_t key[4];
            const int row = lane / 16 * 8 + lane % 8, column = lane / 8 % 2 * 8;
            load_blocks(key, &tile.keys[buffer][16 * n + row][16 * k + column]);
            multiply(left, query[k], key[0], key[1]);
            multiply(right, query[k], key[2], key[3]);
        }
    }
}

template <int D, int KEYS>
__device__ void attend_half(const Problem &problem) {
    __shared__ HalfTile<D, KEYS> tile;
    const Head<Half> head(problem, blockIdx.y);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int pair = lane % 4 * 2;  // the first of this lane's two columns in a block of 8
    const bool aligned = problem.head_size % 8 == 0 &&
                         (reinterpret_cast<uintptr_t>(problem.key) | reinterpret_cast<uintptr_t>(problem.value)) % 16 == 0;

    // This lane's two rows: lane / 4 of the warp's 16, and the one 8 below.
    int row[2];
    uint32_t regions[2];
    float strength[2];
    for (int r = 0; r < 2; ++r) {
        row[r] = (blockIdx.x * 4 + warp) * 16 + lane / 4 + 8 * r;
        const bool exists = row[r] < problem.queries;
        regions[r] = exists ? head.query_regions[row[r]] : 0;
        strength[r] = exists ? head.strength[row[r]] : 0.0f;
    }
    uint32_t query[D / 16][4];
    for (int k = 0; k < D / 16; ++k) {
        for (int i = 0; i < 4; ++i) {
            const int r = i % 2, column = 16 * k + i / 2 * 8 + pair;
            const auto element = [&](int c) {
                const bool exists = row[r] < problem.queries && c < problem.head_size;
                return exists ? uint32_t(head.query[row[r] * head.width + c]) : 0u;
            };
            query[k][i] = element(column) | element(column + 1) << 16;
        }
    }

    // 1. The extremes.
    Extremes extremes[2];
    const bool needed = Modulation::needs_extremes(strength[0]) || Modulation::needs_extremes(strength[1]);
    if (__syncthreads_or(needed)) {
        uint32_t met = 0;  // regions of the keys in this lane's columns
        for_each_tile(tile, problem, head, aligned, false, [&](int buffer, int first) {
            float sim[KEYS / 8][4];
            logits(sim, query, tile, buffer);
            const int count = problem.keys - first;
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int c = 0; c < 2; ++c) {
                    const int key = 8 * n + pair + c;
                    if (count < KEYS && key >= count) continue;
                    met |= tile.regions[buffer][key];
                    for (int r = 0; r < 2; ++r) extremes[r].add(sim[n][2 * r + c]);
                }
            }
        });
        // The four lanes of a row.
        for (int r = 0; r < 2; ++r) {
            extremes[r].inside = (met & regions[r]) != 0;
            for (int mask = 1; mask < 4; mask *= 2) {
                extremes[r].min = fminf(extremes[r].min, exchange(extremes[r].min, mask));
                extremes[r].max = fmaxf(extremes[r].max, exchange(extremes[r].max, mask));
                extremes[r].inside |= exchange(extremes[r].inside ? 1.0f : 0.0f, mask) != 0.0f;
            }
            extremes[r].scale(problem.scale);
        }
    }

    // 2. softmax(sim') V
    const Modulation modulation[2] = {Modulation(strength[0], extremes[0]).of_products(problem.scale),
                                      Modulation(strength[1], extremes[1]).of_products(problem.scale)};
    const bool masked = __syncthreads_or(strength[0] != 0.0f || strength[1] != 0.0f);
    float largest[2] = {-INFINITY, -INFINITY};
    float output[D / 8][4] = {}, sum[4] = {};
    for_each_tile(tile, problem, head, aligned, true, [&](int buffer, int first) {
        float sim[KEYS / 8][4];
        logits(sim, query, tile, buffer);
        float before[2] = {largest[0], largest[1]};
        // The same way for the whole block: rows without modulation look at no region, full tiles at no limit.
        if (masked) {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int i = 0; i < 4; ++i) {
                    const bool inside = (tile.regions[buffer][8 * n + pair + i % 2] & regions[i / 2]) != 0;
                    sim[n][i] = modulation[i / 2](sim[n][i], inside);
                }
            }
        } else {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int i = 0; i < 4; ++i) sim[n][i] *= modulation[i / 2].slope;
            }
        }
        if (const int count = problem.keys - first; count < KEYS) {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int i = 0; i < 4; ++i) {
                    if (8 * n + pair + i % 2 >= count) sim[n][i] = -INFINITY;
                }
            }
        }
        for (int n = 0; n < KEYS / 8; ++n) {
            for (int i = 0; i < 4; ++i) largest[i / 2] = fmaxf(largest[i / 2], sim[n][i]);
        }
        float rescale[2];
        for (int r = 0; r < 2; ++r) {
            for (int mask = 1; mask < 4; mask *= 2) largest[r] = fmaxf(largest[r], exchange(largest[r], mask));
            rescale[r] = power_of_two(before[r] - largest[r]);
        }
        for (int i = 0; i < 4; ++i) sum[i] *= rescale[i / 2];
        for (int n = 0; n < D / 8; ++n) {
            for (int i = 0; i < 4; ++i) output[n][i] *= rescale[i / 2];
        }
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) {
            // Where `multiply` leaves two blocks of logits is where it takes one block of weights. The weights are
            // 2^15 times too large, as their sum is: so small ones keep their digits in f16.
            uint32_t weights[4];
            for (int i = 0; i < 4; ++i) {
                const int r = i % 2;
                const float *x = &sim[2 * k + i / 2][2 * r], one = largest[r] - 15.0f;
                weights[i] = pack(power_of_two(x[0] - one), power_of_two(x[1] - one));
            }
            multiply(sum, weights, ONES, ONES);  // of the weights as they are rounded; the same in all columns
#pragma unroll
            for (int n = 0; n < D / 16; ++n) {
                uint32_t value[4];
                const int key = lane / 8 % 2 * 8 + lane % 8, column = lane / 16 * 8;
                load_transposed_blocks(value, &tile.values[buffer][16 * k + key][16 * n + column]);
                multiply(output[2 * n], weights, value[0], value[1]);
                multiply(output[2 * n + 1], weights, value[2], value[3]);
            }
        }
    });

    for (int r = 0; r < 2; ++r) {
        if (row[r] >= problem.queries) continue;
        const float reciprocal = 1.0f / sum[2 * r];
        for (int n = 0; n < D / 8; ++n) {
            for (int i = 0; i < 2; ++i) {
                const int column = 8 * n + pair + i;
                if (column < problem.head_size) {
                    head.output[row[r] * head.width + column] = to_half(output[n][2 * r + i] * reciprocal);
                }
            }
        }
    }
}
