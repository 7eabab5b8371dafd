// The two products of attention for 64 R query rows of a block and a tile of keys, in two ways.
//
// `WarpProducts` is for every processor: each warp multiplies by itself (`mma.sync`), all of its R groups of 16 rows at
// once, so that what it reads of shared memory serves R products. `WarpgroupProducts` is for Hopper: the four warps
// multiply together (`wgmma`) and read shared memory once for 64 rows, and while one group's products run the other
// group's softmax is computed.
//
//     see_copies       what this thread has copied will be seen by products after the next barrier
//     start_logits     S = Q K^T of all groups, not scaled
//     await_logits     until those of a group are there, and at most `later` of what was started after them is not
//     start_values     adds a group's softmax weights times V to its output
//     finish_values    until that is done for all groups
//
// A group's 16 rows are spread over a warp as `multiply` has them, blocks of 8 columns one after the other.
#pragma once

#include "tile.cuh"

template <int GROUPS, int COLUMNS>
using Accumulators = float[GROUPS][COLUMNS / 8][4];
template <int GROUPS, int COLUMNS>
using Operands = uint32_t[GROUPS][COLUMNS / 16][4];

template <int D, int R, int KEYS>
struct WarpProducts {
    using Tile = HalfTile<D, KEYS>;

    __device__ static void see_copies() {}

    __device__ static void start_logits(Accumulators<R, KEYS> &sim, const Operands<R, D> &query, const Tile &tile,
                                        int buffer) {
        const int lane = threadIdx.x % 32;
        const int row = lane / 16 * 8 + lane % 8, column = lane / 8 % 2;
#pragma unroll
        for (int n = 0; n < KEYS / 16; ++n) {
            for (int b = 0; b < R; ++b) {
                for (int i = 0; i < 4; ++i) sim[b][2 * n][i] = sim[b][2 * n + 1][i] = 0.0f;
            }
#pragma unroll
            for (int k = 0; k < D / 16; ++k) {
                uint32_t key[4];
                load_blocks(key, tile.keys[buffer][2 * k + column][16 * n + row]);
                for (int b = 0; b < R; ++b) {
                    multiply(sim[b][2 * n], query[b][k], key[0], key[1]);
                    multiply(sim[b][2 * n + 1], query[b][k], key[2], key[3]);
                }
            }
        }
    }

    __device__ static void await_logits(Accumulators<R, KEYS> &, int, int) {}

    __device__ static void start_values(Accumulators<R, D> &, const Operands<R, KEYS> &, const Tile &, int, int) {}

    __device__ static void finish_values(Accumulators<R, D> &output, const Operands<R, KEYS> &weights, const Tile &tile,
                                         int buffer) {
        const int lane = threadIdx.x % 32;
        const int key = lane / 8 % 2 * 8 + lane % 8, column = lane / 16;
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) {
#pragma unroll
            for (int n = 0; n < D / 16; ++n) {
                uint32_t value[4];
                load_transposed_blocks(value, tile.values[buffer][2 * n + column][16 * k + key]);
                for (int b = 0; b < R; ++b) {
                    multiply(output[b][2 * n], weights[b][k], value[0], value[1]);
                    multiply(output[b][2 * n + 1], weights[b][k], value[2], value[3]);
                }
            }
        }
    }
};

#ifdef WARPGROUPS

template <int D, int R, int KEYS>
struct WarpgroupProducts {
    using Tile = HalfTile<D, KEYS>;

    __device__ static void see_copies() { publish_copies(); }

    // Bytes from a block of eight rows to the next, and from a column of eight elements to the next.
    static constexpr int NEXT_ROWS = 128, NEXT_COLUMN = sizeof(Columns<D, KEYS>) / (D / 8);

    __device__ static void start_logits(Accumulators<R, KEYS> &sim, const Operands<R, D> &query, const Tile &tile,
                                        int buffer) {
        start_products();
#pragma unroll
        for (int b = 0; b < R; ++b) {
#pragma unroll
            for (int k = 0; k < D / 16; ++k) {
                // K^T: its columns are keys, its rows the elements of a head.
                const Matrix keys(tile.keys[buffer][2 * k][0], NEXT_COLUMN, NEXT_ROWS);
                multiply_together<KEYS, false>(sim[b], query[b][k], keys, k > 0);
            }
            commit_products();
        }
    }

    __device__ static void await_logits(Accumulators<R, KEYS> &sim, int b, int later) {
        await_products(later);
        pin(sim[b]);
    }

    __device__ static void start_values(Accumulators<R, D> &output, Operands<R, KEYS> &weights, const Tile &tile,
                                        int buffer, int b) {
        pin(output[b]);
        pin(weights[b]);
        start_products();
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) {
            const Matrix values(tile.values[buffer][0][16 * k], NEXT_ROWS, NEXT_COLUMN);
            multiply_together<D, true>(output[b], weights[b][k], values, true);
        }
        commit_products();
    }

    __device__ static void finish_values(Accumulators<R, D> &output, Operands<R, KEYS> &weights, const Tile &, int) {
        await_products(0);
#pragma unroll
        for (int b = 0; b < R; ++b) {
            pin(output[b]);
            pin(weights[b]);
        }
    }
};

#endif
