//! The checkpoint's safety checker, diffusers' `StableDiffusionSafetyChecker`, and the blur of what it flags.

use std::sync::Arc;

use export::{Checkpoint, Precision};
use image::RgbImage;
use image::imageops;

use crate::error::DiffusionError;
use crate::image_processor::ImageProcessor;
use crate::input::Input;
use crate::network::Network;
use crate::session::SessionOptions;

/// The blur's deviation is the shorter side divided by this: only colours and rough positions are left.
const BLUR: f32 = 12.0;

/// Checks finished pictures.
#[derive(Debug)]
pub(crate) struct SafetyChecker {
    network: Network,
    processor: ImageProcessor,
}

impl SafetyChecker {
    /// Loads the checkpoint's, if it has one.
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

    /// Whether the picture shows a concept that it flags.
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
