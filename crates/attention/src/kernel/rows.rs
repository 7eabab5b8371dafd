//! The row pass: modulation and softmax of a tile of logits, in the widest vectors that the CPU has.

use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

use super::keys::{Keys, LANES};
use super::modulation::{Extremes, Modulation};

/// What modulates a row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// The query's regions.
    pub(super) regions: u32,
    /// 0: the row is left as it is.
    pub(super) strength: f32,
}

/// Turns every row of logits into weights, not yet divided by their sum, and writes the sums.
pub(super) fn softmax(logits: &mut [f32], keys: &Keys<'_>, row: impl Fn(usize) -> Row, sums: &mut [f32]) {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    ARCH.get_or_init(Arch::new).dispatch(RowPass { logits, keys, row, sums });
}

struct RowPass<'a, F> {
    logits: &'a mut [f32],
    keys: &'a Keys<'a>,
    row: F,
    sums: &'a mut [f32],
}

impl<F: Fn(usize) -> Row> WithSimd for RowPass<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { logits, keys, row, sums } = self;
        let regions = S::as_simd_u32s(&keys.regions).0;
        for (r, (logits, sum)) in logits.chunks_exact_mut(keys.stride).zip(sums).enumerate() {
            let logits = S::as_mut_simd_f32s(&mut logits[..keys.padded]).0;
            let used = keys.len.div_ceil(S::F32_LANES);
            let Row { regions: own, strength } = row(r);
            *sum = if strength == 0.0 {
                plain(simd, &mut logits[..used], keys.len)
            } else {
                modulated(simd, &mut logits[..used], keys.len, &regions[..used], own, strength)
            };
        }
    }
}

const _: () = assert!(LANES == 16);

/// exp(x - max x), and the sum of that.
#[inline(always)]
fn plain<S: Simd>(simd: S, logits: &mut [S::f32s], len: usize) -> f32 {
    let mut max = simd.splat_f32s(f32::NEG_INFINITY);
    for &x in &*logits {
        max = simd.max_f32s(max, x);
    }
    let max = simd.splat_f32s(simd.reduce_max_f32s(max));
    exponentials(simd, logits, len, |_, x| simd.sub_f32s(x, max))
}

/// exp(x' - max x') of the modulated x', and the sum of that.
#[inline(always)]
fn modulated<S: Simd>(
    simd: S,
    logits: &mut [S::f32s],
    len: usize,
    regions: &[S::u32s],
    own: u32,
    strength: f32,
) -> f32 {
    let (lowest, highest) = (simd.splat_f32s(f32::NEG_INFINITY), simd.splat_f32s(f32::INFINITY));
    let own = simd.splat_u32s(own);
    let none = simd.splat_u32s(0);

    let (mut max_in, mut max_out) = (lowest, lowest);
    let (mut min_in, mut min_out) = (highest, highest);
    for (&x, &key) in logits.iter().zip(regions) {
        let outside = simd.equal_u32s(simd.and_u32s(key, own), none);
        max_in = simd.max_f32s(max_in, simd.select_f32s(outside, lowest, x));
        min_in = simd.min_f32s(min_in, simd.select_f32s(outside, highest, x));
        max_out = simd.max_f32s(max_out, simd.select_f32s(outside, x, lowest));
        min_out = simd.min_f32s(min_out, simd.select_f32s(outside, x, highest));
    }
    let extremes = |min, max| Extremes { min: simd.reduce_min_f32s(min), max: simd.reduce_max_f32s(max) };
    let row = Modulation::new(strength, extremes(min_in, max_in), extremes(min_out, max_out));
    let slope = simd.splat_f32s(row.slope);
    let (top_in, top_out) = (simd.splat_f32s(row.inside.top), simd.splat_f32s(row.outside.top));
    let (offset_in, offset_out) = (simd.splat_f32s(row.inside.offset), simd.splat_f32s(row.outside.offset));
    exponentials(simd, logits, len, |index, x| {
        let outside = simd.equal_u32s(simd.and_u32s(regions[index], own), none);
        let below_top = simd.sub_f32s(x, simd.select_f32s(outside, top_out, top_in));
        simd.mul_add_f32s(slope, below_top, simd.select_f32s(outside, offset_out, offset_in))
    })
}

/// Replaces each x by exp(argument(index, x)) and returns the sum of the first `len`.
#[inline(always)]
fn exponentials<S: Simd>(
    simd: S,
    logits: &mut [S::f32s],
    len: usize,
    argument: impl Fn(usize, S::f32s) -> S::f32s,
) -> f32 {
    let mut sum = simd.splat_f32s(0.0);
    let whole = len / S::F32_LANES;
    for (index, x) in logits.iter_mut().enumerate() {
        let weight = exp(simd, argument(index, *x));
        *x = weight;
        if index < whole {
            sum = simd.add_f32s(sum, weight);
        }
    }
    let tail = len % S::F32_LANES;
    let tail = logits.get(whole).map_or(&[][..], |last| &bytes_of::<S>(last)[..tail]);
    simd.reduce_sum_f32s(sum) + tail.iter().sum::<f32>()
}

/// The lanes of a vector.
#[inline(always)]
fn bytes_of<S: Simd>(vector: &S::f32s) -> &[f32] {
    bytemuck::cast_slice(std::slice::from_ref(vector))
}

/// e^x for x <= 0 with a relative error below 1e-7 (Cephes' `expf`); below -87 it stays at e^-87, and NaN stays NaN.
#[inline(always)]
fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |x| simd.splat_f32s(x);
    let floor = splat(-87.0);
    // Not `max`: that may swallow a NaN, by which overflown logits are found.
    let x = simd.select_f32s(simd.less_than_f32s(x, floor), floor, x);
    // 1.5 * 2^23: adding it rounds to an integer, which then stands in the lowest bits.
    let magic = splat(12_582_912.0);
    let rounded = simd.mul_add_f32s(x, splat(std::f32::consts::LOG2_E), magic);
    let n = simd.sub_f32s(rounded, magic);
    let r = simd.mul_add_f32s(n, splat(-0.693_359_4), x);
    let r = simd.mul_add_f32s(n, splat(2.121_944_4e-4), r);
    let mut y = splat(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        y = simd.mul_add_f32s(y, r, splat(coefficient));
    }
    let y = simd.mul_add_f32s(y, simd.mul_f32s(r, r), r);
    let y = simd.add_f32s(y, splat(1.0));
    // times 2^n, by adding n to the exponent
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(y), n))
}
