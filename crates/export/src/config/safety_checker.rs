//! `safety_checker/config.json`: diffusers' `StableDiffusionSafetyChecker`.

use serde_json::json;

use super::{Activation, ClipConfig, ConfigFile};
use crate::error::Result;

/// The architecture of the safety checker: its vision model, and the width of the comparison. Field names and
/// defaults are those of transformers' `CLIPVisionConfig`.
#[derive(Clone, Debug)]
pub struct SafetyCheckerConfig {
    /// The layers.
    pub clip: ClipConfig,
    /// Side of the square input, in pixels.
    pub image_size: usize,
    /// Side of a patch, in pixels.
    pub patch_size: usize,
    /// Width in which pictures and concepts are compared: the whole model's, not the vision model's.
    pub projection_dim: usize,
}

/// `CLIPVisionConfig`'s defaults.
const DEFAULT: ClipConfig = ClipConfig {
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    hidden_act: Activation::QuickGelu,
    layer_norm_eps: 1e-5,
};

impl SafetyCheckerConfig {
    /// Number of patches per picture.
    pub fn patches(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }

    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        let model_type = || ("model_type", vec![json!("clip"), json!("clip_vision_model")]);
        file.supports(&[model_type()])?;
        let vision = file.within("vision_config");
        vision.supports(&[model_type(), ("num_channels", vec![json!(3)])])?;
        let config = Self {
            clip: ClipConfig::parse(&vision, DEFAULT)?,
            image_size: vision.size("image_size", 224)?,
            patch_size: vision.size("patch_size", 32)?,
            projection_dim: file.size("projection_dim", 512)?,
        };
        let (side, patch) = (config.image_size, config.patch_size);
        file.require(patch <= side, || format!("patch_size = {patch} is larger than image_size = {side}"))?;
        Ok(config)
    }
}
