//! From latents to pictures.

use image::RgbImage;

use crate::error::DiffusionError;
use crate::inpainting::Kept;
use crate::latents::LatentShape;
use crate::loaded::Pipeline;
use crate::safety::blurred;

/// The result of a generation: latents, and the pictures that the autoencoder decodes from them.
#[derive(Debug)]
pub struct Painting<'a> {
    /// Notes for the user, such as text that was cut off.
    pub notes: Vec<String>,
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) latents: Vec<f32>,
    pub(crate) shape: LatentShape,
    /// The part of an earlier picture that is kept.
    pub(crate) kept: Option<Kept>,
}

/// A finished picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The image, blurred if the safety checker flags it.
    pub image: RgbImage,
    /// Says so in that case.
    pub note: Option<String>,
}

impl Painting<'_> {
    /// Returns one picture per sample, decoded on demand: this needs far more memory than a step, gains
    /// nothing from a batch and can take as long as several steps. A safety checker, if loaded, checks each.
    ///
    /// # Errors
    /// [`DiffusionError::NotFinite`], damaged weights, and ONNX Runtime's own.
    pub fn pictures(&self) -> impl Iterator<Item = Result<Picture, DiffusionError>> {
        let samples = self.latents.chunks_exact(self.shape.sample_len());
        (1..).zip(samples).map(|(number, latents)| self.picture(number, latents))
    }

    fn picture(&self, number: usize, latents: &[f32]) -> Result<Picture, DiffusionError> {
        let mut image = self.pipeline.vae.decode(latents, self.shape)?;
        if let Some(kept) = &self.kept {
            kept.paste(&mut image, self.shape);
        }
        Ok(match &self.pipeline.safety_checker {
            Some(checker) if checker.objects_to(&image)? => Picture {
                image: blurred(&image),
                note: Some(format!(
                    "picture {number} was blurred: the model's safety checker objects to it; it errs at times, and another seed \
                     or text may do"
                )),
            },
            _ => Picture { image, note: None },
        })
    }
}
