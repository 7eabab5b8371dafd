//! The limits of the method's numbers, where they are parsed and where they are set.

use std::ops::RangeInclusive;

/// w_c, w_s.
pub const MODULATION: RangeInclusive<f64> = 0.0..=2.0;
/// A region's weight.
pub const WEIGHT: RangeInclusive<f64> = 0.0..=2.0;
/// The area adjustment, and shares of the steps.
pub const SHARE: RangeInclusive<f64> = 0.0..=1.0;
/// The exponent of t / 1000.
pub const EXPONENT: RangeInclusive<f64> = 0.0..=20.0;
/// The constant of the comparison. Just above 0, since a constant of 0 would be no modulation at all.
pub const CONSTANT: RangeInclusive<f64> = 1e-3..=1e3;
