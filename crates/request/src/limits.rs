//! The limits of a request's numbers: where they are parsed, and where the studio sets them.

use std::ops::RangeInclusive;

use layout::MAX_SIDE;
pub use layout::limits::*;

/// Sides of a picture are multiples of this many pixels; a checkpoint may want more.
pub const SIDE_MULTIPLE: u32 = 8;
/// A side of a picture in pixels; the limit of layouts, too.
pub const SIDE: RangeInclusive<u32> = SIDE_MULTIPLE..=MAX_SIDE;
/// Denoising steps; a checkpoint may have fewer.
pub const STEPS: RangeInclusive<i64> = 1..=1000;
/// Classifier-free guidance scale.
pub const GUIDANCE_SCALE: RangeInclusive<f64> = 0.0..=50.0;
/// DDIM's share of fresh noise.
pub const ETA: RangeInclusive<f64> = 0.0..=1.0;
/// Pictures of one request.
pub const SAMPLES: RangeInclusive<i64> = 1..=16;
