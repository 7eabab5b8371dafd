// The op in f16: both products on the tensor cores, with f32 accumulators.
//
// A block of four warps computes 64 R query rows of one head, R groups of 64 of which each warp has 16; their Q stays in
// registers. The keys pass by in tiles; a tile's logits live in registers only.
//   1. Only where a row of the block has a strength above 0: once over the keys for the rows' smallest and largest logit.
//   2. Once over the keys for the softmax of the modulated logits and its product with V.
#pragma once

#include "products.cuh"

constexpr uint32_t ONES = 0x3c003c00;  // two f16

// A softmax weight is 2^y, and y is kept below MOST, where it still is an f16: when the keys that came exceed it, the
// largest becomes LEVEL. So far above 1, small weights keep their digits in f16; and as it seldom happens, what was summed
// up need not be rescaled at each tile. (After FlashAttention-4's conditional rescaling.)
constexpr float LEVEL = 7.0f, MOST = 15.0f;

// The extremes of the rows' products with all keys.
template <typename Products, int D, int R, int KEYS>
__device__ void find_extremes(Extremes (&extremes)[2 * R], const Problem &problem, const Head<Half> &head,
                              HalfTile<D, KEYS> &tile, const Rows<R> &rows, const Operands<R, D> &query, bool aligned) {
    const int lane = threadIdx.x % 32, pair = lane % 4 * 2;
    uint32_t met = 0;  // regions of all keys
    for_each_tile<Products>(tile, problem, head, aligned, false, true, [&](int buffer, int first) {
        Accumulators<R, KEYS> sim;
        Products::start_logits(sim, query, tile, buffer);
        for (int i = lane; i < KEYS; i += 32) met |= tile.regions[buffer][i];
        const int count = problem.keys - first;
#pragma unroll
        for (int b = 0; b < R; ++b) {
            Products::await_logits(sim, b, R - 1 - b);
            for (int n = 0; n < KEYS / 8; ++n) {
                for (int c = 0; c < 2; ++c) {
                    if (count < KEYS && 8 * n + pair + c >= count) continue;
                    for (int r = 0; r < 2; ++r) extremes[2 * b + r].add(sim[b][n][2 * r + c]);
                }
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

// What becomes of a group's two rows of logits: a weight is 2^y, y = slope q k + (inside ? up : down).
struct Softmax {
    float slope[2], up[2], down[2];
    uint32_t regions[2];
    float sum[4] = {};  // of the weights as they are rounded; the same in all columns

    __device__ void set(int r, uint32_t its_regions, const Modulation &row) {
        slope[r] = row.slope;
        up[r] = fmaf(-row.slope, row.top, row.up);
        down[r] = fmaf(-row.slope, row.top, row.down);
        regions[r] = its_regions;
    }

    // y of a tile with `count` keys from here on. The same way for the whole block: rows without modulation look at no
    // region, full tiles at no limit.
    template <int N>
    __device__ void modulate(float (&y)[N][4], const uint32_t *key_regions, bool masked, int count) const {
        const int pair = threadIdx.x % 4 * 2;  // the first of this lane's two columns in a block of 8
        if (masked) {
            for (int n = 0; n < N; ++n) {
                for (int c = 0; c < 2; ++c) {
                    const uint32_t key = key_regions[8 * n + pair + c];
                    for (int r = 0; r < 2; ++r) {
                        y[n][2 * r + c] = fmaf(slope[r], y[n][2 * r + c], (key & regions[r]) != 0 ? up[r] : down[r]);
                    }
                }
            }
        } else {
            for (int n = 0; n < N; ++n) {
                for (int i = 0; i < 4; ++i) y[n][i] = fmaf(slope[i / 2], y[n][i], up[i / 2]);
            }
        }
        if (count < 8 * N) {
            for (int n = 0; n < N; ++n) {
                for (int i = 0; i < 4; ++i) {
                    if (8 * n + pair + i % 2 >= count) y[n][i] = -INFINITY;
                }
            }
        }
    }

    // Sees to it that y, and all that is to come of the tile, stays below MOST: what was summed up moves with it.
    template <int N, int M>
    __device__ void limit(float (&y)[N][4], float (&output)[M][4], bool is_first) {
        float largest[2] = {-INFINITY, -INFINITY};
        for (int n = 0; n < N; ++n) {
            for (int i = 0; i < 4; ++i) largest[i / 2] = fmaxf(largest[i / 2], y[n][i]);
        }
        if (!any_of_warp(is_first || largest[0] > MOST || largest[1] > MOST)) return;
        for (int r = 0; r < 2; ++r) {
            for (int mask = 1; mask < 4; mask *= 2) largest[r] = fmaxf(largest[r], exchange(largest[r], mask));
            float shift = largest[r] - LEVEL;
            if (!is_first) shift = fmaxf(shift, 0.0f);
            up[r] -= shift;
            down[r] -= shift;
            // At the first tile there is nothing yet, whatever the shift.
            const float rescale = power_of_two(fminf(-shift, 0.0f));
            for (int c = 0; c < 2; ++c) {
                for (int n = 0; n < N; ++n) y[n][2 * r + c] -= shift;
                for (int n = 0; n < M; ++n) output[n][2 * r + c] *= rescale;
                sum[2 * r + c] *= rescale;
            }
        }
    }

    // The weights as the next product takes them: where `multiply` leaves two blocks it takes one.
    template <int N>
    __device__ void weigh(uint32_t (&weights)[N / 2][4], const float (&y)[N][4]) {
        for (int k = 0; k < N / 2; ++k) {
            for (int i = 0; i < 4; ++i) {
                const float *x = &y[2 * k + i / 2][i % 2 * 2];
                weights[k][i] = pack(power_of_two(x[0]), power_of_two(x[1]));
            }
            multiply(sum, weights[k], ONES, ONES);
        }
    }
};

template <template <int, int, int> typename ProductsOf, int D, int R, int KEYS>
__device__ void attend_half(const Problem &problem) {
    using Products = ProductsOf<D, R, KEYS>;
    static_assert(sizeof(Columns<D, 64 * R>) <= sizeof(HalfTile<D, KEYS>::keys), "Q passes through the place of K");
    __shared__ HalfTile<D, KEYS> tile;
    const Head<Half> head(problem, blockIdx.y);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int first_row = blockIdx.x * 64 * R;
    const bool aligned = problem.head_size % 8 == 0 && is_aligned(problem.query) && is_aligned(problem.key) &&
                         is_aligned(problem.value) && is_aligned(problem.output);
    const Rows<R> rows(problem, head, first_row);

    Operands<R, D> query;
    auto &staged = reinterpret_cast<Columns<D, 64 * R> &>(tile);
    copy_rows<D, 64 * R>(staged, head.query, head.width, first_row, problem.queries, problem.head_size, aligned);
    await_copies();
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

    // 1. The extremes.
    Extremes extremes[2 * R];
    if (__syncthreads_or(rows.any(Modulation::needs_extremes))) {
        find_extremes<Products, D, R, KEYS>(extremes, problem, head, tile, rows, query, aligned);
    }

    // 2. softmax(sim') V.
    Softmax softmax[R];
    for (int r = 0; r < 2 * R; ++r) {
        extremes[r].scale(scale);
        const Modulation row = Modulation(rows.strength[r], extremes[r]).of_products(scale);
        softmax[r / 2].set(r % 2, rows.regions[r], row);
    }
    const bool masked = __syncthreads_or(rows.any([](float strength) { return strength != 0.0f; }));
    Accumulators<R, D> output = {};
    for_each_tile<Products>(tile, problem, head, aligned, true, masked, [&](int buffer, int first) {
        Accumulators<R, KEYS> y;
        Operands<R, KEYS> weights;
        Products::start_logits(y, query, tile, buffer);
#pragma unroll
        for (int b = 0; b < R; ++b) {
            Products::await_logits(y, b, R - 1);
            softmax[b].modulate(y[b], tile.regions[buffer], masked, problem.keys - first);
            softmax[b].limit(y[b], output[b], first == 0);
            softmax[b].weigh(weights[b], y[b]);
            Products::start_values(output, weights, tile, buffer, b);
        }
        Products::finish_values(output, weights, tile, buffer);
    });

    for (int r = 0; r < 2 * R; ++r) {
        if (rows.index[r] >= problem.queries) continue;
        Half *to = head.output + rows.index[r] * head.width;
        const float reciprocal = 1.0f / softmax[r / 2].sum[r % 2 * 2];
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
