//! From latents to pictures.

use image::RgbImage;

use crate::error::DiffusionError;
use crate::inpainting::Kept;
use crate::latents::LatentShape;
use crate::loaded::Pipeline;
use crate::safety::blurred;

/// What a generation gives: latents, and the pictures that the autoencoder makes of them.
#[derive(Debug)]
pub struct Painting<'a> {
    /// What a user should know, such as text that was cut off.
    pub notes: Vec<String>,
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) latents: Vec<f32>,
    pub(crate) shape: LatentShape,
    /// What was there before and stays.
    pub(crate) kept: Option<Kept>,
}

/// A finished picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What there is to be seen, blurred where the safety checker objects to what was painted.
    pub image: RgbImage,
    /// Says so, in that case.
    pub note: Option<String>,
}

impl Painting<'_> {
    /// One picture per sample, each decoded when it is asked for: the autoencoder needs far more memory than a step,
    /// gains nothing from a batch, and can take as long as several steps. The safety checker looks at each, if there is one.
    ///
    /// # Errors
    /// [`DiffusionError::NotFinite`] for weights that are damaged, and ONNX Runtime's own.
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
