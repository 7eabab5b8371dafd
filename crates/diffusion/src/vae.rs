//! The variational autoencoder: pictures as latents and back (diffusers' `AutoencoderKL`).

use std::sync::Arc;

use export::{Checkpoint, Target};
use image::{Rgb, RgbImage};
use once_cell::sync::OnceCell;

use crate::error::DiffusionError;
use crate::input::Input;
use crate::latents::LatentShape;
use crate::network::Network;
use crate::preview::to_byte;
use crate::recorder::RECORDING;
use crate::session::SessionOptions;

/// Its two networks. Latents here are the denoiser's, scaled to a variance of about 1.
#[derive(Debug)]
pub(crate) struct Vae {
    checkpoint: Arc<Checkpoint>,
    target: Target,
    options: SessionOptions,
    decoder: Network,
    /// Loaded when a request needs it: few do.
    encoder: OnceCell<Network>,
}

impl Vae {
    pub fn load(
        checkpoint: &Arc<Checkpoint>,
        target: Target,
        options: &SessionOptions,
    ) -> Result<Self, DiffusionError> {
        let decoder =
            Network::load("VAE decoder", &checkpoint.vae_decoder_model(target)?, options, checkpoint)?;
        let (checkpoint, options) = (Arc::clone(checkpoint), options.clone());
        Ok(Self { checkpoint, target, options, decoder, encoder: OnceCell::new() })
    }

    /// Pixels per latent cell along a side.
    pub fn scale(&self) -> usize {
        self.checkpoint.vae.scale()
    }

    fn encoder(&self) -> Result<&Network, DiffusionError> {
        self.encoder.get_or_try_init(|| {
            let model = self.checkpoint.vae_encoder_model(self.target)?;
            let _beside_others = RECORDING.read();
            Network::load("VAE encoder", &model, &self.options, &self.checkpoint)
        })
    }

    /// Encodes a picture, with sides that are multiples of the scale, to its latents' means, `[C, H, W]`.
    pub fn encode(&self, image: &RgbImage) -> Result<Vec<f32>, DiffusionError> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let plane = |colour: usize| image.pixels().map(move |pixel| f32::from(pixel[colour]) / 127.5 - 1.0);
        let planes: Vec<f32> = (0..3).flat_map(plane).collect();
        let mut latents = self.encoder()?.run(vec![Input::new("sample", [1, 3, height, width], planes)])?;
        // The second half holds the log-variances.
        latents.truncate(latents.len() / 2);
        latents.iter_mut().for_each(|value| *value *= self.checkpoint.vae.scaling_factor);
        Ok(latents)
    }

    /// Decodes the latents of one sample of `shape`.
    pub fn decode(&self, latents: &[f32], shape: LatentShape) -> Result<RgbImage, DiffusionError> {
        let LatentShape { channels, height, width, .. } = shape;
        let latents: Vec<f32> = latents.iter().map(|v| v / self.checkpoint.vae.scaling_factor).collect();
        let planes =
            self.decoder.run(vec![Input::new("latent_sample", [1, channels, height, width], latents)])?;
        let (width, height) = (width * self.scale(), height * self.scale());
        let byte = |plane: usize, pixel: usize| to_byte(planes[plane * width * height + pixel]);
        Ok(RgbImage::from_fn(width as u32, height as u32, |x, y| {
            let pixel = y as usize * width + x as usize;
            Rgb([byte(0, pixel), byte(1, pixel), byte(2, pixel)])
        }))
    }
}
