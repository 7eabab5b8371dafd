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

// STAGES tiles of KEYS keys each: some are worked on while others are fetched.
template <int D, int KEYS, int STAGES>
struct alignas(128) HalfTiles {
    Columns<D, KEYS> keys[STAGES], values[STAGES];
    uint32_t regions[STAGES][KEYS];
};

// Copies a head's rows to shared memory, ROWS at a time, this thread's part of them; what lies past the last row or past
// the head's size becomes 0.
template <int D, int ROWS>
struct RowCopier {
    static constexpr int PER_ROW = THREADS / ROWS;  // threads, which take turns of 16 bytes
    const int row = threadIdx.x / PER_ROW, part = threadIdx.x % PER_ROW;
    const Half *from;  // this thread's row
    int64_t step;      // elements to the one of the next copy
    int left;          // rows from this one on
    int head_size;
    bool aligned;

    __device__ RowCopier(const Half *rows, int count, int64_t width, int head_size, bool aligned)
        : from(rows + row * width), step(ROWS * width), left(count - row), head_size(head_size), aligned(aligned) {}

    __device__ void copy(Columns<D, ROWS> &to) {
        if (aligned) {
#pragma unroll
            for (int column = part; column < D / 8; column += PER_ROW) {
                copy_async(to[column][row], from + 8 * column, left > 0 && 8 * column < head_size);
            }
        } else {
#pragma unroll 1
            for (int i = part; i < D; i += PER_ROW) to[i / 8][row][i % 8] = left > 0 && i < head_size ? from[i] : Half(0);
        }
        from += step;
        left -= ROWS;
    }
};

// Fetches a head's tiles one after the other: K, and V and the regions where they are wanted. Past the last one come zeros.
template <int D, int KEYS, int STAGES>
struct TileFetcher {
    HalfTiles<D, KEYS, STAGES> &tiles;
    RowCopier<D, KEYS> keys, values;
    const uint32_t *regions;  // this thread's key
    int keys_left, next_keys = 0, next_rest = 0;
    bool with_values, with_regions;

    __device__ TileFetcher(HalfTiles<D, KEYS, STAGES> &tiles, const Problem &problem, const Head<Half> &head, bool aligned,
                           bool with_values, bool with_regions)
        : tiles(tiles),
          keys(head.key, problem.keys, head.width, problem.head_size, aligned),
          values(head.value, problem.keys, head.width, problem.head_size, aligned),
          regions(head.key_regions + threadIdx.x),
          keys_left(problem.keys - int(threadIdx.x)),
          with_values(with_values),
          with_regions(with_regions && threadIdx.x < KEYS) {}

    __device__ void fetch_keys() { keys.copy(tiles.keys[next_keys++ % STAGES]); }

    __device__ void fetch_rest() {
        const int stage = next_rest++ % STAGES;
        if (with_values) values.copy(tiles.values[stage]);
        if (with_regions) {
            copy_word_async(&tiles.regions[stage][threadIdx.x], regions, keys_left > 0);
            regions += KEYS;
            keys_left -= KEYS;
        }
    }
};

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
