//! What the numbers of a request may be: where they are parsed, and where the studio sets them.

use std::ops::RangeInclusive;

pub use layout::limits::*;

/// Denoising steps; a checkpoint may have fewer.
pub const STEPS: RangeInclusive<i64> = 1..=1000;
/// Classifier-free guidance scale.
pub const GUIDANCE_SCALE: RangeInclusive<f64> = 0.0..=50.0;
/// DDIM's share of fresh noise.
pub const ETA: RangeInclusive<f64> = 0.0..=1.0;
/// Pictures of one request.
pub const SAMPLES: RangeInclusive<i64> = 1..=16;
