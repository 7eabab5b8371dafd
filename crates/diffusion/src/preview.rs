//! Cheap previews of latents: each cell's colour as a linear function of its channels.

use image::{Rgb, RgbImage};
use serde::Deserialize;

use crate::latents::LatentShape;

/// Factors from latent channels to red, green and blue in -1..1. A checkpoint may bring its own as `preview.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewFactors {
    /// One row per latent channel.
    pub factors: Vec<[f32; 3]>,
    /// Added to each colour.
    #[serde(default)]
    pub bias: [f32; 3],
}

impl PreviewFactors {
    /// Returns the fits that the community published and every interface uses: for the autoencoder of Stable
    /// Diffusion XL, or that of 1.x and 2.x.
    pub fn of(is_xl: bool) -> Self {
        let (factors, bias) = match is_xl {
            false => (
                [
                    [0.298, 0.207, 0.208],
                    [0.187, 0.286, 0.173],
                    [-0.158, 0.189, 0.264],
                    [-0.184, -0.271, -0.473],
                ],
                [0.0; 3],
            ),
            true => (
                [
                    [0.365, 0.423, 0.434],
                    [-0.253, -0.004, 0.107],
                    [0.108, 0.111, -0.036],
                    [-0.317, -0.249, -0.219],
                ],
                [0.108, -0.018, -0.001],
            ),
        };
        Self { factors: factors.into(), bias }
    }

    /// Paints the latents of one sample, `[channels, height, width]`; channels without factors are ignored.
    pub(crate) fn paint(&self, latents: &[f32], shape: LatentShape) -> RgbImage {
        let area = shape.area();
        RgbImage::from_fn(shape.width as u32, shape.height as u32, |x, y| {
            let cell = y as usize * shape.width + x as usize;
            let mut colour = self.bias;
            for (channel, factors) in self.factors.iter().enumerate().take(shape.channels) {
                let value = latents[channel * area + cell];
                colour.iter_mut().zip(factors).for_each(|(colour, factor)| *colour += value * factor);
            }
            Rgb(colour.map(to_byte))
        })
    }
}

/// A colour in -1..1 as a byte, rounded as diffusers' `VaeImageProcessor` does: `(x / 2 + 0.5).clamp(0, 1) * 255`.
pub(crate) fn to_byte(value: f32) -> u8 {
    ((value / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_rounded_and_clamped_as_diffusers_does() {
        let bytes = [-2.0, -1.0, 0.0, 0.5, 1.0, 7.0, f32::NAN].map(to_byte);
        assert_eq!(bytes, [0, 0, 128, 191, 255, 255, 0]);
    }

    #[test]
    fn a_preview_has_one_pixel_per_latent_cell_and_tells_cells_apart() {
        let shape = LatentShape { samples: 1, channels: 4, height: 2, width: 3 };
        let mut latents = vec![0.0; shape.sample_len()];
        latents[5] = 3.0; // channel 0, row 1, column 2
        let picture = PreviewFactors::of(false).paint(&latents, shape);
        assert_eq!(picture.dimensions(), (3, 2));
        assert!(picture.get_pixel(2, 1)[0] > picture.get_pixel(0, 0)[0]);
    }
}
