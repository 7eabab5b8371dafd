//! `safety_checker/config.json`: diffusers' `StableDiffusionSafetyChecker`.

use serde::Deserialize;
use serde_json::json;

use super::{ClipActivation, ConfigFile};
use crate::error::Result;

/// The architecture of the safety checker: of its vision model, and the width that it compares in. Field names and
/// defaults are those of transformers' `CLIPVisionConfig`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct SafetyCheckerConfig {
    /// Width of the tokens.
    pub hidden_size: usize,
    /// Width inside the feed-forward layers.
    pub intermediate_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// Side of the square that a picture is brought to, in pixels.
    pub image_size: usize,
    /// Side of a patch, in pixels.
    pub patch_size: usize,
    /// Activation of the feed-forward layers.
    pub hidden_act: ClipActivation,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f32,
    /// Width that pictures and concepts are compared in. The whole model's, not that of its vision model.
    pub projection_dim: usize,
}

impl Default for SafetyCheckerConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 224,
            patch_size: 32,
            hidden_act: ClipActivation::QuickGelu,
            layer_norm_eps: 1e-5,
            projection_dim: 512,
        }
    }
}

impl SafetyCheckerConfig {
    /// Patches of a picture.
    pub fn patches(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }

    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        file.supports(&[("model_type", vec![json!("clip"), json!("clip_vision_model")])])?;
        file.counts(&["projection_dim"])?;
        let vision = file.within("vision_config");
        vision.supports(&[
            ("hidden_act", vec![json!("quick_gelu"), json!("gelu")]),
            ("model_type", vec![json!("clip"), json!("clip_vision_model")]),
            ("num_channels", vec![json!(3)]),
        ])?;
        vision.counts(&[
            "hidden_size",
            "image_size",
            "intermediate_size",
            "num_attention_heads",
            "num_hidden_layers",
            "patch_size",
        ])?;
        let Self { projection_dim, .. } = file.parse()?;
        let config = Self { projection_dim, ..vision.parse()? };
        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        file.require(width % heads == 0, || {
            format!("hidden_size = {width} is not divisible among num_attention_heads = {heads}")
        })?;
        let (side, patch) = (config.image_size, config.patch_size);
        file.require(patch <= side, || format!("patch_size = {patch} is larger than image_size = {side}"))?;
        Ok(config)
    }
}
