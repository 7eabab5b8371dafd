//! The checkpoint's safety checker: diffusers' `StableDiffusionSafetyChecker`, and what becomes of what it objects to.

use std::sync::Arc;

use export::{Checkpoint, Precision};
use image::RgbImage;
use image::imageops;

use crate::error::DiffusionError;
use crate::image_processor::ImageProcessor;
use crate::input::Input;
use crate::network::Network;
use crate::session::SessionOptions;

/// The deviation of the blur is the shorter side divided by this: no more than colours and their rough places are left.
const BLUR: f32 = 12.0;

/// Looks at finished pictures.
#[derive(Debug)]
pub(crate) struct SafetyChecker {
    network: Network,
    processor: ImageProcessor,
}

impl SafetyChecker {
    /// That of the checkpoint, if it has one.
    ///
    /// # Errors
    /// What is missing, damaged, or not supported, by file.
    pub fn open(
        checkpoint: &Arc<Checkpoint>,
        options: &SessionOptions,
    ) -> Result<Option<Self>, DiffusionError> {
        let Some(checker) = checkpoint.safety_checker()? else { return Ok(None) };
        let processor = ImageProcessor::open(&checkpoint.path, checker.config.image_size)?;
        let network = Network::load("safety checker", &checker.model(Precision::F32)?, options, checkpoint)?;
        Ok(Some(Self { network, processor }))
    }

    /// Whether the picture shows a concept that it knows.
    pub fn objects_to(&self, picture: &RgbImage) -> Result<bool, DiffusionError> {
        let (pixels, side) = (self.processor.process(picture), self.processor.side());
        let concept_scores = self.network.run(vec![Input::new("clip_input", [1, 3, side, side], pixels)])?;
        Ok(concept_scores.iter().any(|score| *score > 0.0))
    }
}

/// The picture, blurred beyond recognition.
pub(crate) fn blurred(picture: &RgbImage) -> RgbImage {
    imageops::fast_blur(picture, picture.width().min(picture.height()) as f32 / BLUR)
}
