//! Matrix products of a tile, with the factors in place: the left one row-major, the right one packed.
//!
//! Everything here is inlined into the caller, which runs with the CPU's vector instructions enabled.
//! Closures would not be, so vector code has none around it.

use pulp::Simd;

use super::panels::Panels;

/// Floats of a panel per block of its rows: 32 KiB, which stay in the L1 cache.
const BLOCK: usize = 8192;

/// A row-major matrix, rows `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) count: usize,
}

/// `out = factor * left * right`; `out` has `right`'s columns, padding included, in rows `stride` apart.
#[inline(always)]
pub(super) fn product<S: Simd>(
    simd: S,
    left: Rows<'_>,
    right: &Panels,
    factor: f32,
    out: &mut [f32],
    stride: usize,
) {
    let factor = simd.splat_f32s(factor);
    let out_stride = stride / S::F32_LANES;
    let (out, _) = S::as_mut_simd_f32s(out);
    for first in right.starts() {
        let width = right.width(first);
        let (panel, _) = S::as_simd_f32s(right.panel(first));
        let vectors = width / S::F32_LANES;
        let block = BLOCK / width;
        for start in (0..right.rows).step_by(block) {
            let depth = block.min(right.rows - start);
            let panel = &panel[start * vectors..][..depth * vectors];
            let mut row = 0;
            while row < left.count {
                let left_rows = Rows { data: &left.data[row * left.stride + start..], ..left };
                let target = Target {
                    out: &mut out[row * out_stride + first / S::F32_LANES..],
                    stride: out_stride,
                    add: start > 0,
                    factor,
                };
                row += match left.count - row {
                    1 => columns::<S, 1>(simd, left_rows, panel, vectors, depth, target),
                    2 | 3 => columns::<S, 2>(simd, left_rows, panel, vectors, depth, target),
                    4 | 5 => columns::<S, 4>(simd, left_rows, panel, vectors, depth, target),
                    _ => columns::<S, 6>(simd, left_rows, panel, vectors, depth, target),
                };
            }
        }
    }
}

/// Where a block of results goes.
struct Target<'a, S: Simd> {
    out: &'a mut [S::f32s],
    stride: usize,
    /// Add to the present values instead of replacing them.
    add: bool,
    factor: S::f32s,
}

/// Computes `R` rows of a panel's columns; returns `R`.
#[inline(always)]
fn columns<S: Simd, const R: usize>(
    simd: S,
    left: Rows<'_>,
    panel: &[S::f32s],
    vectors: usize,
    depth: usize,
    mut target: Target<'_, S>,
) -> usize {
    // As many accumulators as fit into the registers: 32 of them with 16 lanes and with 4 (NEON), 16 with 8 (AVX2).
    let most = if S::F32_LANES == 8 { 2 } else { 4 };
    let mut column = 0;
    while column < vectors {
        column += match most.min(vectors - column) {
            1 => block::<S, R, 1>(simd, left, panel, (vectors, column), depth, &mut target),
            2 => block::<S, R, 2>(simd, left, panel, (vectors, column), depth, &mut target),
            3 => block::<S, R, 3>(simd, left, panel, (vectors, column), depth, &mut target),
            _ => block::<S, R, 4>(simd, left, panel, (vectors, column), depth, &mut target),
        };
    }
    R
}

/// The innermost loop: `R` rows by `C` vectors, all held in registers; returns `C`.
#[inline(always)]
fn block<S: Simd, const R: usize, const C: usize>(
    simd: S,
    left: Rows<'_>,
    panel: &[S::f32s],
    (vectors, column): (usize, usize),
    depth: usize,
    target: &mut Target<'_, S>,
) -> usize {
    let mut rows: [&[f32]; R] = [&[]; R];
    for (r, row) in rows.iter_mut().enumerate() {
        *row = &left.data[r * left.stride..][..depth];
    }
    let mut sums = [[simd.splat_f32s(0.0); C]; R];
    for (k, right) in panel.chunks_exact(vectors).take(depth).enumerate() {
        let right = &right[column..][..C];
        for r in 0..R {
            let x = simd.splat_f32s(rows[r][k]);
            for c in 0..C {
                sums[r][c] = simd.mul_add_e_f32s(x, right[c], sums[r][c]);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        let out = &mut target.out[r * target.stride + column..][..C];
        for (out, sum) in out.iter_mut().zip(sums) {
            let sum = simd.mul_f32s(sum, target.factor);
            *out = if target.add { simd.add_f32s(*out, sum) } else { sum };
        }
    }
    C
}
