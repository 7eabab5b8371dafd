//! What a caller sees of a running generation, and how it stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use image::RgbImage;

use crate::preview::PreviewFactors;

/// Stops a generation from another thread; looked at between steps. Clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the generation to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The shape of a batch of latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatentShape {
    /// Pictures in the batch.
    pub samples: usize,
    /// Latent channels, 4 for Stable Diffusion 1 and 2.
    pub channels: usize,
    /// Rows of latent cells: picture height / the VAE's scale, which is 8 for Stable Diffusion.
    pub height: usize,
    /// Columns of latent cells: picture width / the same.
    pub width: usize,
}

impl LatentShape {
    /// Values in one sample.
    pub fn sample_len(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Values in the batch.
    pub fn len(&self) -> usize {
        self.samples * self.sample_len()
    }

    /// Whether the batch holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Latent cells of one channel of one sample.
    pub fn area(&self) -> usize {
        self.height * self.width
    }
}

/// A point of the way from noise to picture: `step` 0 is the noise, `step == steps` the finished latents.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Steps done.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// The latents after that step, `[samples, channels, height, width]`.
    pub latents: &'a [f32],
    /// What the scheduler takes the finished latents to be by now; at step 0 the noise.
    pub pred_original_sample: &'a [f32],
    /// The shape of both.
    pub shape: LatentShape,
    pub(crate) factors: &'a PreviewFactors,
}

impl Progress<'_> {
    /// A cheap picture of one sample as it will be by what is known now, one pixel per latent cell.
    pub fn preview(&self, sample: usize) -> Option<RgbImage> {
        let len = self.shape.sample_len();
        let latents = self.pred_original_sample.get(sample * len..(sample + 1) * len)?;
        Some(self.factors.paint(latents, self.shape))
    }
}
