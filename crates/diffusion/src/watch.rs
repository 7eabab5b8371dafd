//! How a caller watches and cancels a running generation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use image::RgbImage;

use crate::latents::LatentShape;
use crate::preview::PreviewFactors;

/// Stops a generation from another thread; checked between steps. Clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the generation to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was requested.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A point on the way from noise to picture: `step` 0 is the noise, `step == steps` the finished latents.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Steps done.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// The latents after that step, `[samples, channels, height, width]`.
    pub latents: &'a [f32],
    /// The scheduler's current prediction of the finished latents; the noise at step 0.
    pub pred_original_sample: &'a [f32],
    /// The shape of both.
    pub shape: LatentShape,
    pub(crate) factors: &'a PreviewFactors,
}

impl Progress<'_> {
    /// Returns a cheap preview of one sample as now predicted, one pixel per latent cell.
    pub fn preview(&self, sample: usize) -> Option<RgbImage> {
        let len = self.shape.sample_len();
        let latents = self.pred_original_sample.get(sample * len..(sample + 1) * len)?;
        Some(self.factors.paint(latents, self.shape))
    }
}
