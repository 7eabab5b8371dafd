// A block's keys and values in shared memory, tile by tile, and the query rows of its threads.
#pragma once

#include "problem.h"

constexpr int THREADS = 128;  // of a block: four warps, one warpgroup

// Rows of D elements of a head, D a multiple of 16 (padded with zeros), in columns of 8: element [row][i] is
// [i / 8][row][i % 8]. Eight rows of a column, 128 bytes, are what one instruction of the tensor cores reads at once.
// The rows more shift the next column by half or a quarter of the banks, so that copies along a row, which two or four
// threads share, do not collide.
template <int D, int ROWS>
using Columns = Half[D / 8][ROWS + (ROWS == 32 ? 2 : 4)][8];

// KEYS: keys of a tile. Two of each: the next tile is fetched while one is worked on.
template <int D, int KEYS>
struct alignas(16) HalfTile {
    Columns<D, KEYS> keys[2], values[2];
    uint32_t regions[2][KEYS];
};

// Copies ROWS rows of a head, from `first` on; what lies past the last row or past the head's size becomes 0.
template <int D, int ROWS>
__device__ void copy_rows(Columns<D, ROWS> &to, const Half *from, int64_t width, int first, int rows, int head_size,
                          bool aligned) {
    constexpr int PER_ROW = THREADS / ROWS;  // threads, which take turns of 16 bytes
    const int row = threadIdx.x / PER_ROW, part = threadIdx.x % PER_ROW;
    const bool exists = first + row < rows;
    from += (first + row) * width;
    if (aligned) {
#pragma unroll
        for (int column = part; column < D / 8; column += PER_ROW) {
            copy_async(to[column][row], from + 8 * column, exists && 8 * column < head_size);
        }
    } else {
#pragma unroll 1
        for (int i = part; i < D; i += PER_ROW) to[i / 8][row][i % 8] = exists && i < head_size ? from[i] : Half(0);
    }
}

// Calls work(buffer, first key) for every tile of keys, with K, and V and the regions as far as they are wanted. `Products`
// is who reads them.
template <typename Products, int D, int KEYS, typename Work>
__device__ void for_each_tile(HalfTile<D, KEYS> &tile, const Problem &problem, const Head<Half> &head, bool aligned,
                              bool with_values, bool with_regions, Work work) {
    const auto fetch = [&](int buffer, int first) {
        const auto copy = [&](Columns<D, KEYS> &to, const Half *from) {
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
        Products::see_copies();
        __syncthreads();  // this tile is there for all, and all are done with the last one
        if (first + KEYS < problem.keys) fetch(buffer ^ 1, first + KEYS);
        work(buffer, first);
    }
}

// This lane's query rows: of each 64 rows of the block a warp has 16, and of these a lane has `lane / 4 + 8 i`.
template <int R>
struct Rows {
    int index[2 * R];
    uint32_t regions[2 * R];
    float strength[2 * R];

    __device__ Rows(const Problem &problem, const Head<Half> &head, int first) {
        for (int r = 0; r < 2 * R; ++r) {
            index[r] = first + 64 * (r / 2) + threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4 + 8 * (r % 2);
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
