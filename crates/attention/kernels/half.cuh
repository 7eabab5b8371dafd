// The op in f16: both products on the tensor cores, with f32 accumulators.
//
// A block of four warps computes 64 R query rows of one head, R groups of 64 of which each warp has 16; their Q stays in
// registers. The keys pass by in tiles; a tile's logits live in registers only.
//   1. Only where a row of the block has a strength above 0: once over the keys for the rows' smallest and largest logit.
//   2. Once over the keys for the softmax of the modulated logits and its product with V.
#pragma once

#include "products.cuh"

// A softmax weight is 2^y, and y is kept below MOST, where it still is an f16: when the keys that came exceed it, the
// largest becomes LEVEL. So far above 1, small weights keep their digits in f16; and as it seldom happens, what was summed
// up need not be rescaled at each tile. (After FlashAttention-4's conditional rescaling.)
constexpr float LEVEL = 7.0f, MOST = 15.0f;

// What becomes of a group's two rows of logits: a weight is 2^y, y = slope q k + (inside ? up : down).
struct Softmax {
    float slope[2], up[2], down[2];
    uint32_t regions[2];
    float sum[2] = {};  // of the weights that this lane has made

    __device__ void set(int r, uint32_t its_regions, const Modulation &row) {
        slope[r] = row.slope;
        up[r] = fmaf(-row.slope, row.top, row.up);
        down[r] = fmaf(-row.slope, row.top, row.down);
        regions[r] = its_regions;
    }

    // The weights of a tile's products, as the next product takes them: where `multiply` leaves two blocks it takes one.
    // `count` keys are there from here on. The weights are made before it is known whether they are right, so that nothing
    // waits for the largest: they are made anew where a weight would be too large for an f16, in the first tile, and in a last
    // one that is not full.
    template <int N, int M>
    __device__ void weigh(uint32_t (&weights)[N / 2][4], float (&y)[N][4], float (&output)[M][4],
                          const uint32_t *key_regions, bool masked, int count, bool is_first) {
        float largest[2] = {-INFINITY, -INFINITY}, total[2] = {};
        // The same way for the whole block: rows without modulation look at no region.
        if (masked) {
            attempt<true>(weights, y, total, largest, key_regions);
        } else {
            attempt<false>(weights, y, total, largest, key_regions);
        }
        if (any_of_warp(is_first || count < 8 * N || largest[0] > MOST || largest[1] > MOST)) {
            settle(weights, y, total, output, count, is_first);
        }
        for (int r = 0; r < 2; ++r) sum[r] += total[r];
    }

    template <bool MASKED, int N>
    __device__ void attempt(uint32_t (&weights)[N / 2][4], float (&y)[N][4], float (&total)[2], float (&largest)[2],
                            const uint32_t *key_regions) const {
        const int pair = threadIdx.x % 4 * 2;  // the first of this lane's two columns in a block of 8
        for (int n = 0; n < N; ++n) {
            for (int r = 0; r < 2; ++r) {
                float *two = &y[n][2 * r];
                for (int c = 0; c < 2; ++c) {
                    const bool inside = !MASKED || (key_regions[8 * n + pair + c] & regions[r]) != 0;
                    two[c] = fmaf(slope[r], two[c], inside ? up[r] : down[r]);
                    largest[r] = fmaxf(largest[r], two[c]);
                }
                weights[n / 2][n % 2 * 2 + r] = weights_of(two[0], two[1], total[r]);
            }
        }
    }

    __device__ static uint32_t weights_of(float first, float second, float &total) {
        const float weights[2] = {power_of_two(first), power_of_two(second)};
        total += weights[0] + weights[1];
        return pack(weights[0], weights[1]);
    }

    // Without the keys that are not there, and so that y, and all that is to come, stays below MOST: what was summed up
    // moves with it.
    template <int N, int M>
    __device__ void settle(uint32_t (&weights)[N / 2][4], float (&y)[N][4], float (&total)[2], float (&output)[M][4],
                           int count, bool is_first) {
        const int pair = threadIdx.x % 4 * 2;
        float largest[2] = {-INFINITY, -INFINITY};
        for (int n = 0; n < N; ++n) {
            for (int i = 0; i < 4; ++i) {
                if (8 * n + pair + i % 2 >= count) y[n][i] = -INFINITY;
                largest[i / 2] = fmaxf(largest[i / 2], y[n][i]);
            }
        }
        for (int r = 0; r < 2; ++r) {
            for (int mask = 1; mask < 4; mask *= 2) largest[r] = fmaxf(largest[r], exchange(largest[r], mask));
            float shift = largest[r] - LEVEL;
            if (!is_first) shift = fmaxf(shift, 0.0f);
            up[r] -= shift;
            down[r] -= shift;
            // At the first tile there is nothing yet, whatever the shift.
            const float rescale = power_of_two(fminf(-shift, 0.0f));
            for (int n = 0; n < M; ++n) {
                for (int c = 0; c < 2; ++c) output[n][2 * r + c] *= rescale;
            }
            sum[r] *= rescale;
            total[r] = 0.0f;
            for (int n = 0; n < N; ++n) {
                const float *two = &y[n][2 * r];
                weights[n / 2][n % 2 * 2 + r] = weights_of(two[0] - shift, two[1] - shift, total[r]);
            }
        }
    }
};

// Adds a tile's products with `count` keys to the extremes of a group's two rows.
template <int N>
__device__ inline void extremes_of(Extremes *extremes, const float (&sim)[N][4], int count) {
    const int pair = threadIdx.x % 4 * 2;
    if (count >= 8 * N) {
        for (int n = 0; n < N; ++n) {
            for (int i = 0; i < 4; ++i) extremes[i / 2].add(sim[n][i]);
        }
    } else {
        for (int n = 0; n < N; ++n) {
            for (int i = 0; i < 4; ++i) {
                if (8 * n + pair + i % 2 < count) extremes[i / 2].add(sim[n][i]);
            }
        }
    }
}

// Brings together what the four lanes of a row have found, and what all lanes have met of regions.
template <int R>
__device__ void combine(Extremes (&extremes)[2 * R], const Rows<R> &rows, uint32_t met) {
    for (int mask = 1; mask < 32; mask *= 2) met |= exchange(met, mask);
    for (int r = 0; r < 2 * R; ++r) {
        extremes[r].inside = (met & rows.regions[r]) != 0;
        for (int mask = 1; mask < 4; mask *= 2) {
            extremes[r].min = fminf(extremes[r].min, exchange(extremes[r].min, mask));
            extremes[r].max = fmaxf(extremes[r].max, exchange(extremes[r].max, mask));
        }
    }
}

template <template <int, int, int> typename ProductsOf, int D, int R, int KEYS>
__device__ void attend_half(const Problem &problem) {
    using Products = ProductsOf<D, R, KEYS>;
    using Tiles = typename Products::Tiles;
    static_assert(sizeof(Columns<D, 64 * R>) <= sizeof(Tiles), "Q passes through the place of the tiles");
    Tiles &tiles = *reinterpret_cast<Tiles *>(shared_memory);
    const Head<Half> head(problem, blockIdx.y);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int first_row = blockIdx.x * 64 * R;
    const bool aligned = problem.head_size % 8 == 0 && is_aligned(problem.query) && is_aligned(problem.key) &&
                         is_aligned(problem.value) && is_aligned(problem.output);
    const Rows<R> rows(problem, head, first_row);

    Operands<R, D> query;
    auto &staged = reinterpret_cast<Columns<D, 64 * R> &>(tiles);
    const Half *first_query = head.query + first_row * head.width;
    RowCopier<D, 64 * R>(first_query, problem.queries - first_row, head.width, problem.head_size, aligned).copy(staged);
    await_copies<0>();
    __syncthreads();
#pragma unroll
    for (int b = 0; b < R; ++b) {
        for (int k = 0; k < D / 16; ++k) {
            load_blocks(query[b][k], staged[2 * k + lane / 16][64 * b + 16 * warp + lane % 16]);
            // With the sign of the scale in Q, its size can be taken for the scale.
            for (uint32_t &two : query[b][k]) two ^= problem.scale < 0.0f ? 0x80008000u : 0u;
        }
    }
    const float scale = fabsf(problem.scale);

    const int count = (problem.keys + KEYS - 1) / KEYS;
    Accumulators<R, D> output = {};

    // 1. The extremes.
    Extremes extremes[2 * R];
    if (__syncthreads_or(rows.any(Modulation::needs_extremes))) {
        uint32_t met = 0;  // regions of all keys
        const typename Products::Fetcher fetcher(tiles, problem, head, aligned, false, true);
        const auto look = [&](auto &sim, auto &, auto &, int b, int tile, int stage) {
            uint32_t regions = 0;  // read early, so that nothing waits for them
            if (b == 0) {
                for (int i = lane; i < KEYS; i += 32) regions |= tiles.regions[stage][i];
            }
            extremes_of(&extremes[2 * b], sim, problem.keys - tile * KEYS);
            met |= regions;
        };
        Products::template pass<false>(output, query, tiles, fetcher, count, look);
        combine(extremes, rows, met);
    }

    // 2. softmax(sim') V.
    Softmax softmax[R];
    for (int r = 0; r < 2 * R; ++r) {
        extremes[r].scale(scale);
        const Modulation row = Modulation(rows.strength[r], extremes[r]).of_products(scale);
        softmax[r / 2].set(r % 2, rows.regions[r], row);
    }
    const bool masked = __syncthreads_or(rows.any([](float strength) { return strength != 0.0f; }));
    const typename Products::Fetcher fetcher(tiles, problem, head, aligned, true, masked);
    const auto weigh = [&](auto &y, auto &weights, auto &output, int b, int tile, int stage) {
        softmax[b].weigh(weights, y, output, tiles.regions[stage], masked, problem.keys - tile * KEYS, tile == 0);
    };
    Products::template pass<true>(output, query, tiles, fetcher, count, weigh);

    for (int r = 0; r < 2 * R; ++r) {
        float sum = softmax[r / 2].sum[r % 2];  // that of the four lanes of a row
        for (int mask = 1; mask < 4; mask *= 2) sum += exchange(sum, mask);
        if (rows.index[r] >= problem.queries) continue;
        Half *to = head.output + rows.index[r] * head.width;
        const float reciprocal = 1.0f / sum;
        for (int n = 0; n < D / 8; ++n) {
            const float *x = &output[r / 2][n][r % 2 * 2];
            const uint32_t two = pack(x[0] * reciprocal, x[1] * reciprocal);
            const int column = 8 * n + lane % 4 * 2;
            if (aligned) {
                if (column < problem.head_size) *reinterpret_cast<uint32_t *>(to + column) = two;
            } else {
                if (column < problem.head_size) to[column] = Half(two);
                if (column + 1 < problem.head_size) to[column + 1] = Half(two >> 16);
            }
        }
    }
}
