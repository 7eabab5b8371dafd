// How the keys pass by, and the two products of attention for 64 R query rows of a block with each tile of them, in two
// ways.
//
// `WarpProducts` is for every processor: each warp multiplies by itself (`mma.sync`), all of its R groups of 16 rows at
// once, so that what it reads of shared memory serves R products. `WarpgroupProducts` is for Hopper: the four warps
// multiply together (`wgmma`) and read shared memory once for 64 rows; that runs by itself, and while it does so the
// softmax of other logits is computed.
//
// Both call, for each tile and each group of rows,
//     consume(S, weights, output, group, tile, stage)
// with S = Q K^T, not scaled, where `stage` has the tile's regions; what it leaves in `weights`, times V, is then added to
// the group's output, unless VALUES is false. A group's 16 rows are spread over a warp as `multiply` has them, blocks of 8
// columns one after the other.
#pragma once

#include "tile.cuh"

template <int GROUPS, int COLUMNS>
using Accumulators = float[GROUPS][COLUMNS / 8][4];
template <int GROUPS, int COLUMNS>
using Operands = uint32_t[GROUPS][COLUMNS / 16][4];

template <int D, int R, int KEYS>
struct WarpProducts {
    static constexpr int STAGES = 2;
    using Tiles = HalfTiles<D, KEYS, STAGES>;
    using Fetcher = TileFetcher<D, KEYS, STAGES>;

    template <bool VALUES, typename Consume>
    __device__ static void pass(Accumulators<R, D> &output, const Operands<R, D> &query, const Tiles &tiles,
                                Fetcher fetcher, int count, Consume consume) {
        __syncthreads();  // all are done with what lies there
        fetcher.fetch_keys();
        fetcher.fetch_rest();
        for (int tile = 0; tile < count; ++tile) {
            const int stage = tile % STAGES;
            await_copies<0>();
            __syncthreads();  // this tile is there for all, and all are done with the last one
            fetcher.fetch_keys();  // past the last tile zeros, which nobody reads
            fetcher.fetch_rest();
            Accumulators<R, KEYS> y;
            Operands<R, KEYS> weights;
            multiply_keys(y, query, tiles.keys[stage]);
#pragma unroll
            for (int b = 0; b < R; ++b) consume(y[b], weights[b], output[b], b, tile, stage);
            if (VALUES) multiply_values(output, weights, tiles.values[stage]);
        }
        await_copies<0>();
    }

    __device__ static void multiply_keys(Accumulators<R, KEYS> &sim, const Operands<R, D> &query,
                                         const Columns<D, KEYS> &keys) {
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
                load_blocks(key, keys[2 * k + column][16 * n + row]);
                for (int b = 0; b < R; ++b) {
                    multiply(sim[b][2 * n], query[b][k], key[0], key[1]);
                    multiply(sim[b][2 * n + 1], query[b][k], key[2], key[3]);
                }
            }
        }
    }

    __device__ static void multiply_values(Accumulators<R, D> &output, const Operands<R, KEYS> &weights,
                                           const Columns<D, KEYS> &values) {
        const int lane = threadIdx.x % 32;
        const int key = lane / 8 % 2 * 8 + lane % 8, column = lane / 16;
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) {
#pragma unroll
            for (int n = 0; n < D / 16; ++n) {
                uint32_t value[4];
                load_transposed_blocks(value, values[2 * n + column][16 * k + key]);
                for (int b = 0; b < R; ++b) {
                    multiply(output[b][2 * n], weights[b][k], value[0], value[1]);
                    multiply(output[b][2 * n + 1], weights[b][k], value[2], value[3]);
                }
            }
        }
    }
};

#ifdef WARPGROUPS

// Two sets of logits take turns: those of two groups of rows with a tile, or, where there is one group, with two tiles.
// While one set becomes weights, the other one is multiplied, and the weights before are with V.
template <int D, int R, int KEYS>
struct WarpgroupProducts {
    static_assert(R == 1 || R == 2);
    static constexpr int STAGES = 4;
    static constexpr int ROUND = 3 - R;  // tiles of a round, in which both sets have their turn
    static constexpr int AHEAD = R;      // rounds that tiles are fetched ahead
    using Tiles = HalfTiles<D, KEYS, STAGES>;
    using Fetcher = TileFetcher<D, KEYS, STAGES>;

    template <bool VALUES, typename Consume>
    __device__ static void pass(Accumulators<R, D> &output, const Operands<R, D> &query, const Tiles &tiles,
                                Fetcher fetcher, int count, Consume consume) {
        // What a round needs beyond the one before: of K the tile after it, too. K and the rest are fetched at two places of a
        // round, since many copies at once hold up what is read of shared memory meanwhile.
        const auto fetch_keys = [&] {
            for (int i = 0; i < ROUND; ++i) fetcher.fetch_keys();
        };
        const auto fetch_rest = [&] {
            for (int i = 0; i < ROUND; ++i) fetcher.fetch_rest();
            commit_copies();
        };
        const auto arrive = [] {
            await_copies<AHEAD - 1>();
            publish_copies();
            __syncthreads();  // the next round's tiles are there for all, and all are done with the last one's
        };
        Accumulators<2, KEYS> y;
        Operands<2, KEYS> weights;
        const Matrix keys(tiles.keys[0][0][0], NEXT_COLUMN, NEXT_ROWS), values(tiles.values[0][0][0], NEXT_ROWS, NEXT_COLUMN);

        __syncthreads();  // all are done with what lies there
        fetcher.fetch_keys();
#pragma unroll
        for (int i = 0; i < AHEAD; ++i) {
            fetch_keys();
            fetch_rest();
        }
        arrive();
        start_products();
        multiply_keys(y[0], query[0], keys, 0);
        commit_products();
        await_products<0>();
        pin(y[0]);
        __syncthreads();  // all are done with the first tile's K, in whose place a round of two tiles fetches one
        // What is started in a round ends in it: the compiler would have products wait for each other otherwise.
        for (int tile = 0; tile < count; tile += ROUND) {
            const int other = tile + ROUND - 1;
            start_products();
            multiply_keys(y[1], query[R - 1], keys, other);
            commit_products();
            fetch_keys();

            consume(y[0], weights[0], output[0], 0, tile, tile % STAGES);
            pin(y[0]);
            if (VALUES) {
                pin(output[0]);
                pin(weights[0]);
            }
            start_products();
            if (VALUES) {
                multiply_values(output[0], weights[0], values, tile);
                commit_products();
            }
            multiply_keys(y[0], query[0], keys, tile + ROUND);
            commit_products();
            fetch_rest();

            await_products<VALUES ? R : 1>();
            pin(y[1]);
            if (VALUES && R == 1) pin(output[0]);
            consume(y[1], weights[1], output[R - 1], R - 1, other, other % STAGES);
            if (VALUES) {
                pin(output[R - 1]);
                pin(weights[1]);
                start_products();
                multiply_values(output[R - 1], weights[1], values, other);
                commit_products();
            }

            await_products<0>();
            pin(y[0]);
#pragma unroll
            for (int i = 0; VALUES && i < 2; ++i) {
                pin(weights[i]);
                pin(output[i % R]);
            }
            arrive();
        }
        await_copies<0>();
    }

    // Bytes from a block of eight rows to the next, from a column of eight elements to the next, and from a tile's K or V to
    // the next's.
    static constexpr int NEXT_ROWS = 128, NEXT_COLUMN = sizeof(Columns<D, KEYS>) / (D / 8), NEXT_TILE = sizeof(Columns<D, KEYS>);

    __device__ static void multiply_keys(float (&sim)[KEYS / 8][4], const uint32_t (&query)[D / 16][4], const Matrix &first,
                                         int tile) {
        // K^T: its columns are keys, its rows the elements of a head.
        const Matrix keys = first.at(tile % STAGES * NEXT_TILE);
#pragma unroll
        for (int k = 0; k < D / 16; ++k) multiply_together<KEYS, false>(sim, query[k], keys.at(2 * k * NEXT_COLUMN), k > 0);
    }

    __device__ static void multiply_values(float (&output)[D / 8][4], const uint32_t (&weights)[KEYS / 16][4],
                                           const Matrix &first, int tile) {
        const Matrix values = first.at(tile % STAGES * NEXT_TILE);
#pragma unroll
        for (int k = 0; k < KEYS / 16; ++k) multiply_together<D, true>(output, weights[k], values.at(2 * k * NEXT_ROWS), true);
    }
};

#endif
