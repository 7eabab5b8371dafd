//! `text_encoder/config.json`: transformers' `CLIPTextModel` and `CLIPTextModelWithProjection`.

use serde_json::{Value, json};

use super::json::SIZES;
use super::{Activation, ClipConfig, ConfigFile};
use crate::error::Result;

/// The architecture of the text encoder. Field names and defaults are those of transformers' `CLIPTextConfig`.
#[derive(Clone, Debug)]
pub struct TextEncoderConfig {
    /// The layers.
    pub clip: ClipConfig,
    /// Size of the vocabulary.
    pub vocab_size: usize,
    /// The longest text in tokens, start and end included.
    pub max_position_embeddings: usize,
    /// The end token. Configurations from before transformers used this key say 2, and mean the largest id.
    pub eos_token_id: usize,
    /// Width of the pooled embedding, where there is one.
    pub projection_dim: usize,
}

/// `CLIPTextConfig`'s defaults.
const DEFAULT: ClipConfig = ClipConfig {
    hidden_size: 512,
    intermediate_size: 2048,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    hidden_act: Activation::QuickGelu,
    layer_norm_eps: 1e-5,
};

impl TextEncoderConfig {
    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        file.supports(&[
            ("model_type", vec![json!("clip_text_model")]),
            ("use_attention_mask", vec![Value::Null, json!(false)]),
        ])?;
        Ok(Self {
            clip: ClipConfig::parse(file, DEFAULT)?,
            vocab_size: file.size("vocab_size", 49408)?,
            max_position_embeddings: file.size("max_position_embeddings", 77)?,
            eos_token_id: file.count("eos_token_id", 49407, 0..=*SIZES.end())?,
            projection_dim: file.size("projection_dim", 512)?,
        })
    }
}
