//! `text_encoder/config.json`: transformers' `CLIPTextModel`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ConfigFile;
use crate::error::Result;

/// The architecture of the text encoder. Field names and defaults are those of transformers' `CLIPTextConfig`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TextEncoderConfig {
    /// Number of tokens.
    pub vocab_size: usize,
    /// Width of the embeddings.
    pub hidden_size: usize,
    /// Width inside the feed-forward layers.
    pub intermediate_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// The longest text in tokens, start and end among them.
    pub max_position_embeddings: usize,
    /// Activation of the feed-forward layers.
    pub hidden_act: ClipActivation,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f32,
}

/// Activations of CLIP's feed-forward layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipActivation {
    /// x * sigmoid(1.702 x), OpenAI's.
    QuickGelu,
    /// The exact GELU, OpenCLIP's.
    Gelu,
}

impl Default for TextEncoderConfig {
    fn default() -> Self {
        Self {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: ClipActivation::QuickGelu,
            layer_norm_eps: 1e-5,
        }
    }
}

impl TextEncoderConfig {
    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        file.supports(&[
            ("hidden_act", vec![json!("quick_gelu"), json!("gelu")]),
            ("model_type", vec![json!("clip_text_model")]),
            ("use_attention_mask", vec![Value::Null, json!(false)]),
        ])?;
        file.counts(&[
            "hidden_size",
            "intermediate_size",
            "max_position_embeddings",
            "num_attention_heads",
            "num_hidden_layers",
            "vocab_size",
        ])?;
        let config: Self = file.parse()?;
        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        file.require(heads > 0 && width > 0 && width % heads == 0, || {
            format!("hidden_size = {width} is not divisible among num_attention_heads = {heads}")
        })?;
        Ok(config)
    }
}
