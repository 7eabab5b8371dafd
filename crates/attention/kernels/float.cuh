// The op in f32, in full precision: plain arithmetic, since the tensor cores round f32 to 10 bits.
//
// A block of 128 threads computes 32 query rows of one head; eight lanes share two rows. The keys pass by in tiles of
// 32, in the same two passes as `half.cuh`.
#pragma once

#include "problem.h"

constexpr int FLOAT_ROWS = 32;
constexpr int FLOAT_KEYS = 32;

// D: head size, padded with zeros to a multiple of 16.
template <int D>
struct alignas(16) FloatTile {
    // Four more than needed: rows start 16 bytes apart in the banks, so that eight rows are read at once.
    float query[FLOAT_ROWS][D + 4];
    float rows[FLOAT_KEYS][D + 4];  // K, then V
    float weights[FLOAT_ROWS][FLOAT_KEYS + 4];
    uint32_t regions[FLOAT_KEYS];
};

// Rows `first` to `first` + 31 of Q, K or V, as far as they exist, the rest 0.
template <int D>
__device__ void fetch(float (&to)[32][D + 4], const float *from, int64_t width, int first, int rows, int head_size) {
    for (int i = threadIdx.x; i < 32 * D; i += THREADS) {
        const int row = i / D, column = i % D;
        const bool exists = first + row < rows && column < head_size;
        to[row][column] = exists ? from[(first + row) * width + column] : 0.0f;
    }
}

// Q K^T of this thread's two rows and of the four keys `lane % 8`, + 8, + 16, + 24 of the tile.
template <int D>
__device__ void logits(float (&sim)[2][4], const FloatTile<D> &tile, float scale) {
    const int row = threadIdx.x / 8 * 2, column = threadIdx.x % 8;
    for (int c = 0; c < 4; ++c) sim[0][c] = sim[1][c] = 0.0f;
#pragma unroll 4
    for (int k = 0; k < D; k += 4) {
        const float4 a = *reinterpret_cast<const float4 *>(&tile.query[row][k]);
        const float4 b = *reinterpret_cast<const float4 *>(&tile.query[row + 1][k]);
        for (int c = 0; c < 4; ++c) {
            const float4 key = *reinterpret_cast<const float4 *>(&tile.rows[column + 8 * c][k]);
            sim[0][c] = fmaf(a.w, key.w, fmaf(a.z, key.z, fmaf(a.y, key.y, fmaf(a.x, key.x, sim[0][c]))));
            sim[1][c] = fmaf(b.w, key.w, fmaf(b.z, key.z, fmaf(b.y, key.y, fmaf(b.x, key.x, sim[1][c]))));
        }
    }
    for (int c = 0; c < 4; ++c) {
        sim[0][c] *= scale;
        sim[1][c] *= scale;
    }
}

// Calls work(first key) for every tile of keys, with K and the regions in shared memory.
template <int D, typename Work>
__device__ void for_each_tile(FloatTile<D> &tile, const Problem &problem, const Head<float> &head, Work work) {
    for (int first = 0; first < problem.keys; first += FLOAT_KEYS) {
        fetch<D>(tile.rows, head.key, head.width, first, problem.keys, problem.head_size);
        for (int i = threadIdx.x; i < FLOAT_KEYS; i += THREADS) {
            tile.regions[i] = first + i < problem.keys ? head.key_regions[first + i] : 0;
        }
        __syncthreads();
        work(first);
        __syncthreads();
    }
}

template <int D>
__device__ void attend_float(const Problem &problem) {
    __shared__ FloatTile<D> tile;
    const Head<float> head(problem, blockIdx.y);
    const int first_row = blockIdx.x * FLOAT_ROWS, own = threadIdx.x / 8 * 2, column = threadIdx.x % 8;
    fetch<D>(tile.query, head.query, head.width, first_row, problem.queries, problem.head_size);

    uint32_t regions[2];
    float strength[2];
    for (int r = 0; r < 2; ++r) {
        const int row = first_row + own + r;
        const bool exists = row < problem.queries;
        regions[r] = exists ? head.query_regions[row] : 0;
        strength[r] = exists ? head.strength[row] : 0.0f;
    }

    // 1. The extremes.
    Extremes extremes[2];
    const bool needed = Modulation::needs_extremes(strength[0]) || Modulation::needs_extremes(strength[1]);
    if (__syncthreads_or(needed)) {
        for_each_tile(tile, problem, head, [&](int first) {
            float sim[2][4];
            logits(sim, tile, problem.scale);
            for (int c = 0; c < 4; ++c) {
                const int key = column + 8 * c;
                for (int r = 0; r < 2 && first + key < problem.keys; ++r) {
                    extremes[r].add(sim[r][c], (tile.regions[key] & regions[r]) != 0);
                }
            }
        });
        // The eight lanes of a row.
        for (int r = 0; r < 2; ++r) {
            for (int mask = 1; mask < 8; mask *= 2) {
                extremes[r].min = fminf(extremes[r].min, exchange(extremes[r].min, mask));
                extremes[r].max = fmaxf(extremes[r].max, exchange(extremes[r].max, mask));
                extremes[r].inside |= exchange(extremes[r].inside ? 1.0f : 0.0f, mask) != 0.0f;
            }
        }
    }

    // 2. softmax(sim') V
    const Modulation modulation[2] = {Modulation(strength[0], extremes[0]), Modulation(strength[1], extremes[1])};
    float largest[2] = {-INFINITY, -INFINITY}, sum[2] = {0.0f, 0.0f};
    float output[2][D / 8] = {};  // columns `lane % 8`, + 8, + 16 ...
    for_each_tile(tile, problem, head, [&](int first) {
        float sim[2][4];
        logits(sim, tile, problem.scale);
        for (int r = 0; r < 2; ++r) {
            const float before = largest[r];
            for (int c = 0; c < 4; ++c) {
                const int key = column + 8 * c;
                const bool inside = (tile.regions[key] & regions[r]) != 0;
                sim[r][c] = first + key < problem.keys ? modulation[r](sim[r][c], inside) : -INFINITY;
                largest[r] = fmaxf(largest[r], sim[r][c]);
            }
            for (int mask = 1; mask < 8; mask *= 2) largest[r] = fmaxf(largest[r], exchange(largest[r], mask));
            const float rescale = exp2f((before - largest[r]) * LOG2_E);
            sum[r] *= rescale;
            for (int c = 0; c < D / 8; ++c) output[r][c] *= rescale;
            for (int c = 0; c < 4; ++c) {
                const float weight = exp2f((sim[r][c] - largest[r]) * LOG2_E);
                sum[r] += weight;
                tile.weights[own + r][column + 8 * c] = weight;
            }
        }
        __syncthreads();
        fetch<D>(tile.rows, head.value, head.width, first, problem.keys, problem.head_size);
        __syncthreads();
        for (int key = 0; key < FLOAT_KEYS; ++key) {
            const float a = tile.weights[own][key], b = tile.weights[own + 1][key];
#pragma unroll
            for (int c = 0; c < D / 8; ++c) {
                const float value = tile.rows[key][column + 8 * c];
                output[0][c] = fmaf(a, value, output[0][c]);
                output[1][c] = fmaf(b, value, output[1][c]);
            }
        }
    });

    for (int r = 0; r < 2; ++r) {
        for (int mask = 1; mask < 8; mask *= 2) sum[r] += exchange(sum[r], mask);
        const int row = first_row + own + r;
        if (row >= problem.queries) continue;
        const float reciprocal = 1.0f / sum[r];
        for (int c = 0; c < D / 8; ++c) {
            if (column + 8 * c < problem.head_size) {
                head.output[row * head.width + column + 8 * c] = output[r][c] * reciprocal;
            }
        }
    }
}
