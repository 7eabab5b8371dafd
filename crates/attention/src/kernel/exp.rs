//! The exponential function of vectors.

use pulp::Simd;

/// e^x for x <= 0 with a relative error of about 1e-7 (Cephes' `expf`). Below -87 it stays at e^-87, which no sum of
/// weights notices; NaN stays NaN, because by that overflown logits are found.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let floor = simd.splat_f32s(-87.0);
    // Not the maximum, which may swallow a NaN.
    let x = simd.select_f32s(simd.less_than_f32s(x, floor), floor, x);

    // x = n ln 2 + r. Adding 1.5 * 2^23 rounds to an integer, which then stands in the lowest bits.
    let magic = simd.splat_f32s(12_582_912.0);
    let rounded = simd.mul_add_e_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), magic);
    let n = simd.sub_f32s(rounded, magic);
    let r = simd.mul_add_e_f32s(n, simd.splat_f32s(-0.693_359_4), x);
    let r = simd.mul_add_e_f32s(n, simd.splat_f32s(2.121_944_4e-4), r);

    let mut y = simd.splat_f32s(1.987_569_1e-4);
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        y = simd.mul_add_e_f32s(y, r, simd.splat_f32s(coefficient));
    }
    let y = simd.mul_add_e_f32s(y, simd.mul_f32s(r, r), r);
    let y = simd.add_f32s(y, simd.splat_f32s(1.0));

    // times 2^n, by adding n to the exponent
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(y), n))
}
