// One call of the op as the kernels take it, and the modulation of a row of logits.
#pragma once

#include <cstdint>

// The only parameter of every kernel; `launch.rs` has the same struct. All pointers are the device's.
struct Problem {
    const void *query;              // [B, N, H*d]
    const void *key;                // [B, M, H*d]
    const void *value;              // [B, M, H*d]
    const uint32_t *query_regions;  // [B|1, N]
    const uint32_t *key_regions;    // [B|1, M]
    const float *strength;          // [B, N]
    void *output;                   // [B, N, H*d]
    int32_t heads;                  // H
    int32_t queries;                // N
    int32_t keys;                   // M
    int32_t head_size;              // d
    int32_t query_regions_stride;   // N, or 0 where one row serves every batch item
    int32_t key_regions_stride;     // M, or 0
    float scale;                    // of Q K^T
};

constexpr float LOG2_E = 1.44269504f;

// The part of a problem that one block computes: some query rows of one head of one batch item.
template <typename T>
struct Head {
    const T *query, *key, *value;
    T *output;
    const uint32_t *query_regions, *key_regions;
    const float *strength;
    int64_t width;  // H * d: elements between two rows

    // `index` counts the heads of all batch items.
    __device__ Head(const Problem &problem, int index) : width(int64_t(problem.heads) * problem.head_size) {
        const int64_t batch = index / problem.heads, head = index % problem.heads;
        const int64_t queries = batch * problem.queries * width + head * problem.head_size;
        const int64_t keys = batch * problem.keys * width + head * problem.head_size;
        query = static_cast<const T *>(problem.query) + queries;
        key = static_cast<const T *>(problem.key) + keys;
        value = static_cast<const T *>(problem.value) + keys;
        output = static_cast<T *>(problem.output) + queries;
        query_regions = problem.query_regions + batch * problem.query_regions_stride;
        key_regions = problem.key_regions + batch * problem.key_regions_stride;
        strength = problem.strength + batch * problem.queries;
    }
};

// The smallest and the largest logit of a row, and whether any of its keys is inside.
struct Extremes {
    float min, max;
    bool inside;

    __device__ Extremes() : min(INFINITY), max(-INFINITY), inside(false) {}

    __device__ void add(float logit) {
        min = fminf(min, logit);
        max = fmaxf(max, logit);
    }

    __device__ void add(float logit, bool is_inside) {
        add(logit);
        inside |= is_inside;
    }

    __device__ void scale(float factor) {
        const float a = min * factor, b = max * factor;
        min = fminf(a, b);
        max = fmaxf(a, b);
    }
};

// sim' of one row, less a number that is the same for the whole row:
//     slope * (sim - top) + (inside ? up : down)
// With top the logit that the modulation makes the largest, the product is never above 0 and is exact near 0, however
// large the logits are.
struct Modulation {
    float slope, top, up, down;

    // Strengths of 0 (plain attention) and below (sim' = sim +- |strength|) need no extremes.
    __device__ static bool needs_extremes(float strength) { return !(strength <= 0.0f); }

    // strength > 0: (1 - s) sim + s max inside, (1 - s) sim + s min outside. Past 1 the slope is negative, and the
    // smallest logit becomes the largest.
    __device__ Modulation(float strength, const Extremes &row) {
        if (needs_extremes(strength)) {
            slope = 1.0f - strength;
            top = slope < 0.0f ? row.min : row.max;
            up = 0.0f;
            down = row.inside ? strength * (row.min - row.max) : 0.0f;
        } else {
            slope = 1.0f;
            top = 0.0f;
            up = -strength;
            down = strength;
        }
    }

    // The same for an element of Q K^T that is not scaled yet, in powers of two.
    __device__ Modulation of_products(float scale) const {
        Modulation of(*this);
        of.slope *= scale * LOG2_E;
        of.top /= scale;
        of.up *= LOG2_E;
        of.down *= LOG2_E;
        return of;
    }

    __device__ float operator()(float logit, bool inside) const {
        return fmaf(slope, logit - top, inside ? up : down);
    }
};
