//! What the configurations of CLIP's text and vision models have in common.

use super::{Activation, ConfigFile};
use crate::error::Result;

/// The layers of a CLIP model. Field names are those of transformers' `CLIPTextConfig` and `CLIPVisionConfig`.
#[derive(Clone, Debug)]
pub struct ClipConfig {
    /// Width of the tokens.
    pub hidden_size: usize,
    /// Width inside the feed-forward layers.
    pub intermediate_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// Activation of the feed-forward layers.
    pub hidden_act: Activation,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f32,
}

impl ClipConfig {
    /// Parses the file; missing keys default to `default`.
    pub(crate) fn parse(file: &ConfigFile, default: Self) -> Result<Self> {
        let activations = [("quick_gelu", Activation::QuickGelu), ("gelu", Activation::Gelu)];
        let config = Self {
            hidden_size: file.size("hidden_size", default.hidden_size)?,
            intermediate_size: file.size("intermediate_size", default.intermediate_size)?,
            num_hidden_layers: file.size("num_hidden_layers", default.num_hidden_layers)?,
            num_attention_heads: file.size("num_attention_heads", default.num_attention_heads)?,
            hidden_act: file.word("hidden_act", &activations)?.unwrap_or(default.hidden_act),
            layer_norm_eps: file.number("layer_norm_eps", default.layer_norm_eps.into())? as f32,
        };
        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        file.require(width % heads == 0, || {
            format!("hidden_size = {width} is not divisible among num_attention_heads = {heads}")
        })?;
        Ok(config)
    }
}
