// The op in f16: both products on the tensor cores, with f32 accumulators.
//
// A block of four warps computes 64 R query rows of one head, each warp 16 R of them, whose Q stays in registers. The
// keys pass by in tiles, the next one being fetched while one is worked on; a tile's logits live in registers only.
//   1. Only where a row of the block has a strength above 0: once over the keys for the rows' smallest and largest logit.
//   2. Once over the keys for the softmax of the modulated logits and its product with V.
//
// R = 2 halves what is read of shared memory for each product, which is what bounds them; heads above 80 leave no
// registers for it.
#pragma once

#include "problem.h"

constexpr int THREADS = 128;  // of a block
constexpr uint32_t ONES = 0x3c003c00;  // two f16

// A softmax weight is 2^y, and y is kept below MOST, where it still is an f16: when the keys that came exceed it, the
// largest becomes LEVEL. So far above 1, small weights keep their digits in f16; and as it seldom happens, what was summed
// up need not be rescaled at each tile. (After FlashAttention-4's conditional rescaling.)
constexpr float LEVEL = 7.0f, MOST = 15.0f;

// D: head size, padded with zeros to a multiple of 16. KEYS: keys of a tile.
template <int D, int KEYS>
struct alignas(16) HalfTile {
    // Eight more than needed: rows 16 bytes apart in the banks, so that eight rows are read at once.
    static constexpr int STRIDE = D + 8;
    Half keys[2][KEYS][STRIDE];
    Half values[2][KEYS][STRIDE];
    uint32_t regions[2][KEYS];
};

// Copies COUNT rows of a head, from `first` on; what lies past the last row or past the head's size becomes 0.
template <int D, int COUNT>
__device__ void copy_rows(Half (*to)[D + 8], const Half *from, int64_t width, int first, int rows, int head_size,
                          bool aligned) {
    constexpr int PER_ROW = THREADS / COUNT;  // threads, which take turns of 16 bytes
    const int row = threadIdx.x / PER_ROW, part = threadIdx.x % PER_ROW;
    const bool exists = first + row < rows;
    from += (first + row) * width;
    if (aligned) {
#pragma unroll
        for (int column = 8 * part; column < D; column += 8 * PER_ROW) {
            copy_async(&to[row][column], from + column, exists && column < head_size);
        }
    } else {
#pragma unroll 1
        for (int i = part; i < D; i += PER_ROW) to[row][i] = exists && i < head_size ? from[i] : Half(0);
    }
}

// Calls work(buffer, first key) for every tile of keys, with K, and V and the regions as far as they are wanted.
template <int D, int KEYS, typename Work>
__device__ void for_each_tile(HalfTile<D, KEYS> &tile, const Problem &problem, const Head<Half> &head, bool aligned,
                              bool with_values, bool with_regions, Work work) {
    const auto fetch = [&](int buffer, int first) {
        const auto copy = [&](Half (*to)[D + 8], const Half *from) {
            copy_rows<D, KEYS>(to, from, head.width, first, problem.keys, problem.head_size, aligned);
        };
        copy(tile.keys[buffer], head.key);
        if (with_values) copy(tile.values[buffer], head.value);
        if (const int i = threadIdx.x; with_regions && i < KEYS) {
            copy_word_async(&tile.regions[buffer][i], head.key_regions + first + i, first + i < problem.keys);
        }
    };
    __syncthreads();
    fetch(0, 0);
    int buffer = 0;
    for (int first = 0; first < problem.keys; first += KEYS, buffer ^= 1) {
        await_copies();
        __syncthreads();  // this tile is there for all, and all are done with the last one
        if (first + KEYS < problem.keys) fetch(buffer ^ 1, first + KEYS);
        work(buffer, first);
    }
}

// Q K^T of the warp's 16 R rows and the tile's keys, not scaled, each block of 8 keys as `multiply` spreads it.
template <int D, int R, int KEYS>
__device__ void logits(float (&sim)[R][KEYS / 8][4], const uint32_t (&query)[R][D / 16][4],
                       const HalfTile<D, KEYS> &tile, int buffer) {
    const int lane = threadIdx.x % 32;
    const int row = lane / 16 * 8 + lane % 8, column = lane / 8 % 2 * 8;
#pragma unroll
    for (int n = 0; n < KEYS / 16; ++n) {
        for (int b = 0; b < R; ++b) {
            for (int i = 0; i < 4; ++i) sim[b][2 * n][i] = sim[b][2 * n + 1][i] = 0.0f;
        }
#pragma unroll
        for (int k = 0; k < D / 16; ++k) {
            uint32_t key[4];
            load_blocks(key, &tile.keys[buffer][16 * n + row][16 * k + column]);
            for (int b = 0; b < R; ++b) {
                multiply(sim[b][2 * n], query[b][k], key[0], key[1]);
                multiply(sim[b][2 * n + 1], query[b][k], key[2], key[3]);
            }
        }
    }
}

// This lane's rows of a head: r-th is `lane / 4 + 8 r` of the warp's.
template <int R>
struct Rows {
    int index[2 * R];
    uint32_t regions[2 * R];
    float strength[2 * R];

    __device__ Rows(const Problem &problem, const Head<Half> &head, int first) {
        for (int r = 0; r < 2 * R; ++r) {
            index[r] = first + threadIdx.x % 32 / 4 + 8 * r;
            const bool exists = index[r] < problem.queries;
            regions[r] = exists ? head.query_regions[index[r]] : 0;
            strength[r] = exists ? head.strength[index[r]] : 0.0f;
        }
    }

    template <typename Predicate>
    __device__ bool any(Predicate predicate) const {
        bool any = false;
        for (float s : strength) any |= predicate(s);
        return any;
    }
};

// The extremes of the rows' products with all keys.
template <int D, int R, int KEYS>
__device__ void find_extremes(Extremes (&extremes)[2 * R], const Problem &problem, const Head<Half> &head,
                              HalfTile<D, KEYS> &tile, const Rows<R> &rows, const uint32_t (&query)[R][D / 16][4],
                              bool aligned) {
    const int lane = threadIdx.x % 32, pair = lane % 4 * 2;
    uint32_t met = 0;  // regions of all keys
    for_each_tile(tile, problem, head, aligned, false, true, [&](int buffer, int first) {
        float sim[R][KEYS / 8][4];
        logits<D, R, KEYS>(sim, query, tile, buffer);
        for (int i = lane; i < KEYS; i += 32) met |= tile.regions[buffer][i];
        const int count = problem.keys - first;
        for (int n = 0; n < KEYS / 8; ++n) {
            for (int c = 0; c < 2; ++c) {
                if (count < KEYS && 8 * n + pair + c >= count) continue;
                for (int r = 0; r < 2 * R; ++r) extremes[r].add(sim[r / 2][n][r % 2 * 2 + c]);
            }
        }
    });
    for (int mask = 1; mask < 32; mask *= 2) met |= exchange(met, mask);
    for (int r = 0; r < 2 * R; ++r) {
        extremes[r].inside = (met & rows.regions[r]) != 0;
        // The four lanes of a row.
        for (int mask = 1; mask < 4; mask *= 2) {
            extremes[r].min = fminf(extremes[r].min, exchange(extremes[r].min, mask));
            extremes[r].max = fmaxf(extremes[r].max, exchange(extremes[r].max, mask));
        }
    }
}

template <int D, int R, int KEYS>
__device__ void attend_half(const Problem &problem) {
    static_assert(64 * R <= 2 * KEYS, "the block's Q passes through the place of K");
    __shared__ HalfTile<D, KEYS> tile;
    const Head<Half> head(problem, blockIdx.y);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int pair = lane % 4 * 2;  // the first of this lane's two columns in a block of 8
    const int first_row = blockIdx.x * 64 * R;
    const bool aligned = problem.head_size % 8 == 0 && is_aligned(problem.query) && is_aligned(problem.key) &&
                         is_aligned(problem.value) && is_aligned(problem.output);
    const Rows<R> rows(problem, head, first_row + warp * 16 * R);

    uint32_t query[R][D / 16][4];
    Half(*staged)[D + 8] = reinterpret_cast<Half(*)[D + 8]>(&tile);
    copy_rows<D, 64 * R>(staged, head.query, head.width, first_row, problem.queries, problem.head_size, aligned);
    await_copies();
    __syncthreads();
    for (int b = 0; b < R; ++b) {
        for (int k = 0; k < D / 16; ++k) {
            load_blocks(query[b][k], &staged[(warp * R + b) * 16 + lane % 16][16 * k + lane / 16 * 8]);
            // With the sign of the scale in Q, its size can be taken for the scale.
            for (uint32_t &two : query[b][k]) two ^= problem.scale < 0.0f ? 0x80008000u : 0u;
        }
    }
    const float scale = fabsf(problem.scale);

    // 1. The extremes.
    Extremes extremes[2 * R];
    if (__syncthreads_or(rows.any(Modulation::needs_extremes))) {
        find_extremes<D, R, KEYS>(extremes, problem, head, tile, rows, query, aligned);
    }

    // 2. softmax(sim') V. A weight is 2^y, y = slope q k + (inside ? up : down).
    float slope[2 * R], up[2 * R], down[2 * R];
    for (int r = 0; r < 2 * R; ++r) {
        extremes[r].scale(scale);
        const Modulation row = Modulation(rows.strength[r], extremes[r]).of_products(scale);
        slope[r] = row.slope;
        up[r] = fmaf(-row.slope, row.top, row.up);
        down[r] = fmaf(-row.slope, row.top, row.down);
    }
    const bool masked = __syncthreads_or(rows.any([](float strength) { return strength != 0.0f; }));
    float output[R][D / 8][4] = {}, sum[R][4] = {};
    for_each_tile(tile, problem, head, aligned, true, masked, [&](int buffer, int first) {
        float y[R][KEYS / 8][4];
        logits<D, R, KEYS>(y, query, tile, buffer);
        // The same way for the whole block: rows without modulation look at no region, full tiles at no limit.
        if (masked) {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int c = 0; c < 2; ++c) {
                    const uint32_t regions = tile.regions[buffer][8 * n + pair + c];
                    for (int r = 0; r < 2 * R; ++r) {
                        float &it = y[r / 2][n][r % 2 * 2 + c];
                        it = fmaf(slope[r], it, (regions & rows.regions[r]) != 0 ? up[r] : down[r]);
                    }
                }
            }
        } else {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int b = 0; b < R; ++b) {
                    for (int i = 0; i < 4; ++i) y[b][n][i] = fmaf(slope[2 * b + i / 2], y[b][n][i], up[2 * b + i / 2]);
                }
            }
        }
        if (const int count = problem.keys - first; count < KEYS) {
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int b = 0; b < R; ++b) {
                    for (int i = 0; i < 4; ++i) {
                        if (8 * n + pair + i % 2 >= count) y[b][n][i] = -INFINITY;
                    }
                }
            }
        }
        float largest[2 * R];
        bool exceeds = first == 0;
        for (int r = 0; r < 2 * R; ++r) {
            largest[r] = -INFINITY;
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int c = 0; c < 2; ++c) largest[r] = fmaxf(largest[r], y[r / 2][n][r % 2 * 2 + c]);
            }
            exceeds |= largest[r] > MOST;
        }
        if (any_of_warp(exceeds)) {
            for (int r = 0; r < 2 * R; ++r) {
                for (int mask = 1; mask < 4; mask *= 2) largest[r] = fmaxf(largest[r], exchange(largest[r], mask));
                float shift = largest[r] - LEVEL;
                if (first != 0) shift = fmaxf(shift, 0.0f);
                up[r] -= shift;
                down[r] -= shift;
                // At the first tile there is nothing yet, whatever the shift.
                const float rescale = power_of_two(fminf(-shift, 0.0f));
                for (int c = 0; c < 2; ++c) {
                    const int i = r % 2 * 2 + c;
                    for (int n = 0; n < KEYS / 8; ++n) y[r / 2][n][i] -= shift;
                    for (int n = 0; n < D / 8; ++n) output[r / 2][n][i] *= rescale;
                    sum[r / 2][i] *= rescale;
                }
            }
        }
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) {
            // Where `multiply` leaves two blocks of logits is where it takes one block of weights.
            uint32_t weights[R][4];
            for (int b = 0; b < R; ++b) {
                for (int i = 0; i < 4; ++i) {
                    const float *x = &y[b][2 * k + i / 2][i % 2 * 2];
                    weights[b][i] = pack(power_of_two(x[0]), power_of_two(x[1]));
                }
                multiply(sum[b], weights[b], ONES, ONES);  // of the weights as they are rounded; the same in all columns
            }
#pragma unroll
            for (int n = 0; n < D / 16; ++n) {
                uint32_t value[4];
                const int key = lane / 8 % 2 * 8 + lane % 8, column = lane / 16 * 8;
                load_transposed_blocks(value, &tile.values[buffer][16 * k + key][16 * n + column]);
                for (int b = 0; b < R; ++b) {
                    multiply(output[b][2 * n], weights[b], value[0], value[1]);
                    multiply(output[b][2 * n + 1], weights[b], value[2], value[3]);
                }
            }
        }
    });

    for (int r = 0; r < 2 * R; ++r) {
        if (rows.index[r] >= problem.queries) continue;
        Half *to = head.output + rows.index[r] * head.width;
        const float reciprocal = 1.0f / sum[r / 2][r % 2 * 2];
        for (int n = 0; n < D / 8; ++n) {
            const float *x = &output[r / 2][n][r % 2 * 2];
            const uint32_t two = pack(x[0] * reciprocal, x[1] * reciprocal);
            const int column = 8 * n + pair;
            if (aligned) {
                if (column < problem.head_size) *reinterpret_cast<uint32_t *>(to + column) = two;
            } else {
                if (column < problem.head_size) to[column] = Half(two);
                if (column + 1 < problem.head_size) to[column + 1] = Half(two >> 16);
            }
        }
    }
}
