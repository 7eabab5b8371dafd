//! The row pass: modulation and softmax of one row of logits in vectors.
//!
//! As in `product`, all vector code is inlined and uses no closures.

use std::f32::consts::LOG2_E;

use pulp::Simd;

use super::exp::exp2;
use super::modulation::{Extremes, Modulation, is_turned};

/// The modulation of a row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// The query's regions.
    pub(super) regions: u32,
    /// 0: the row is not modulated.
    pub(super) strength: f32,
}

/// Turns a row of `len` logits into weights, not yet divided by their sum, and returns the sum. `logits` and `regions`
/// are padded to whole vectors; the padding repeats a real key.
#[inline(always)]
pub(super) fn softmax<S: Simd>(simd: S, logits: &mut [f32], regions: &[u32], len: usize, row: Row) -> f32 {
    let vectors = len.div_ceil(S::F32_LANES);
    let logits = &mut S::as_mut_simd_f32s(logits).0[..vectors];
    let regions = &S::as_simd_u32s(regions).0[..vectors];
    let (whole, last) = (len / S::F32_LANES, len % S::F32_LANES);
    let sum = if row.strength == 0.0 {
        plain(simd, logits, whole)
    } else {
        modulated(simd, logits, regions, whole, row)
    };
    let padded: &[f32] = bytemuck::cast_slice(&logits[whole..]);
    simd.reduce_sum_f32s(sum) + padded[..last].iter().sum::<f32>()
}

/// exp(x - max x), and the sum of the first `whole` vectors
#[inline(always)]
fn plain<S: Simd>(simd: S, logits: &mut [S::f32s], whole: usize) -> S::f32s {
    let lowest = simd.splat_f32s(f32::NEG_INFINITY);
    // Four at a time, so that the maxima do not wait for each other.
    let mut max = [lowest; 4];
    let (blocks, tail) = logits.as_chunks::<4>();
    for block in blocks {
        for (max, &x) in max.iter_mut().zip(block) {
            *max = simd.max_f32s(*max, x);
        }
    }
    for &x in tail {
        max[0] = simd.max_f32s(max[0], x);
    }
    let max = simd.max_f32s(simd.max_f32s(max[0], max[1]), simd.max_f32s(max[2], max[3]));
    let max = simd.splat_f32s(simd.reduce_max_f32s(max));
    let log2_e = simd.splat_f32s(LOG2_E);
    let mut sum = simd.splat_f32s(0.0);
    for (n, x) in logits.iter_mut().enumerate() {
        *x = exp2(simd, simd.mul_f32s(simd.sub_f32s(*x, max), log2_e));
        if n < whole {
            sum = simd.add_f32s(sum, *x);
        }
    }
    sum
}

/// exp(x' - max x') of the modulated x', and the sum of the first `whole` vectors
#[inline(always)]
fn modulated<S: Simd>(
    simd: S,
    logits: &mut [S::f32s],
    regions: &[S::u32s],
    whole: usize,
    row: Row,
) -> S::f32s {
    let own = simd.splat_u32s(row.regions);
    let extremes = if is_turned(row.strength) {
        extremes::<S, true>(simd, logits, regions, own)
    } else {
        extremes::<S, false>(simd, logits, regions, own)
    };
    let Modulation { slope, inside, outside } = Modulation::new(row.strength, extremes);
    let slope = simd.splat_f32s(slope * LOG2_E);
    let (top_in, top_out) = (simd.splat_f32s(inside.top), simd.splat_f32s(outside.top));
    let (offset_in, offset_out) =
        (simd.splat_f32s(inside.offset * LOG2_E), simd.splat_f32s(outside.offset * LOG2_E));
    let mut sum = simd.splat_f32s(0.0);
    for (n, (x, &key)) in logits.iter_mut().zip(regions).enumerate() {
        let outside = is_outside(simd, key, own);
        let below_top = simd.sub_f32s(*x, simd.select_f32s(outside, top_out, top_in));
        let offset = simd.select_f32s(outside, offset_out, offset_in);
        *x = exp2(simd, simd.mul_add_e_f32s(slope, below_top, offset));
        if n < whole {
            sum = simd.add_f32s(sum, *x);
        }
    }
    sum
}

/// Tops and bottom of the logits, in reversed order if `TURNED`.
#[inline(always)]
fn extremes<S: Simd, const TURNED: bool>(
    simd: S,
    logits: &[S::f32s],
    regions: &[S::u32s],
    own: S::u32s,
) -> Extremes {
    let none = simd.splat_f32s(if TURNED { f32::INFINITY } else { f32::NEG_INFINITY });
    let (mut top_in, mut top_out) = (none, none);
    let mut bottom = simd.splat_f32s(if TURNED { f32::NEG_INFINITY } else { f32::INFINITY });
    for (&x, &key) in logits.iter().zip(regions) {
        let outside = is_outside(simd, key, own);
        let (x_in, x_out) = (simd.select_f32s(outside, none, x), simd.select_f32s(outside, x, none));
        if TURNED {
            top_in = simd.min_f32s(top_in, x_in);
            top_out = simd.min_f32s(top_out, x_out);
            bottom = simd.max_f32s(bottom, x);
        } else {
            top_in = simd.max_f32s(top_in, x_in);
            top_out = simd.max_f32s(top_out, x_out);
            bottom = simd.min_f32s(bottom, x);
        }
    }
    if TURNED {
        let (top_in, top_out) = (simd.reduce_min_f32s(top_in), simd.reduce_min_f32s(top_out));
        Extremes { top_in, top_out, bottom: simd.reduce_max_f32s(bottom) }
    } else {
        let (top_in, top_out) = (simd.reduce_max_f32s(top_in), simd.reduce_max_f32s(top_out));
        Extremes { top_in, top_out, bottom: simd.reduce_min_f32s(bottom) }
    }
}

#[inline(always)]
fn is_outside<S: Simd>(simd: S, key: S::u32s, own: S::u32s) -> S::m32s {
    simd.equal_u32s(simd.and_u32s(key, own), simd.splat_u32s(0))
}
