//! Latents: what the UNet denoises and the VAE decodes.

/// The shape of a batch of latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatentShape {
    /// Pictures in the batch.
    pub samples: usize,
    /// Latent channels, 4 for Stable Diffusion.
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

    /// Whether the batch is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Latent cells of one channel of one sample.
    pub fn area(&self) -> usize {
        self.height * self.width
    }
}
