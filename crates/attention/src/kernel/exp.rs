//! The vectorised exponential function.

use pulp::Simd;

/// 2^x for x <= 0 with a relative error of about 1e-7 (Cephes' `exp2f`). For e^x, callers fold
/// [`std::f32::consts::LOG2_E`] into factors of their own. Below -125 it stays at 2^-125, which is negligible
/// in a sum of weights; NaN stays NaN, as it reveals logits that overflowed.
#[inline(always)]
pub(super) fn exp2<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let floor = simd.splat_f32s(-125.0);
    // Not a maximum, which may drop a NaN.
    let x = simd.select_f32s(simd.less_than_f32s(x, floor), floor, x);

    // x = n + r. Adding 1.5 * 2^23 rounds to an integer, which then stands in the lowest bits.
    let magic = simd.splat_f32s(12_582_912.0);
    let rounded = simd.add_f32s(x, magic);
    let r = simd.sub_f32s(x, simd.sub_f32s(rounded, magic));

    let mut y = simd.splat_f32s(1.535_336_2e-4);
    for coefficient in [1.339_887_4e-3, 9.618_437e-3, 5.550_332_6e-2, 2.402_264_8e-1, 6.931_472e-1, 1.0] {
        y = simd.mul_add_e_f32s(y, r, simd.splat_f32s(coefficient));
    }

    // times 2^n, by adding n to the exponent
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(y), n))
}
