//! `vae/config.json`: diffusers' `AutoencoderKL`.

use serde_json::{Value, json};

use super::ConfigFile;
use crate::error::Result;

/// The architecture of the autoencoder. Field names and defaults are those of diffusers' `AutoencoderKL`.
#[derive(Clone, Debug)]
pub struct VaeConfig {
    /// Channels of the picture.
    pub out_channels: usize,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Channels of each level, finest first.
    pub block_out_channels: Vec<usize>,
    /// ResNets of each level of the encoder; the decoder has one more.
    pub layers_per_block: usize,
    /// Groups of the group norms.
    pub norm_num_groups: usize,
    /// Latents are multiplied by this after encoding, and divided before decoding.
    pub scaling_factor: f32,
    /// Whether the encoder ends in a 1x1 convolution.
    pub use_quant_conv: bool,
    /// Whether the decoder begins with a 1x1 convolution.
    pub use_post_quant_conv: bool,
    /// Whether the middle block has an attention layer.
    pub mid_block_add_attention: bool,
    /// Whether its values overflow f16, as Stable Diffusion XL's do. (Others say so, but theirs do not.)
    pub force_upcast: bool,
}

impl VaeConfig {
    /// Pixels per latent cell along a side: 8 with four levels.
    pub fn scale(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        file.supports(&[
            ("_class_name", vec![json!("AutoencoderKL")]),
            ("act_fn", vec![json!("silu"), json!("swish")]),
            ("latents_mean", vec![Value::Null]),
            ("latents_std", vec![Value::Null]),
            ("in_channels", vec![json!(3)]),
            ("out_channels", vec![json!(3)]),
            // `StableDiffusionPipeline` never reads it: a model with one belongs to another pipeline.
            ("shift_factor", vec![Value::Null, json!(0), json!(0.0)]),
        ])?;
        file.words("down_block_types", &[("DownEncoderBlock2D", ())], &[])?;
        file.words("up_block_types", &[("UpDecoderBlock2D", ())], &[])?;
        file.not_null(&["block_out_channels", "latent_channels", "layers_per_block", "norm_num_groups"])?;
        let config = Self {
            out_channels: file.size("out_channels", 3)?,
            latent_channels: file.size("latent_channels", 4)?,
            block_out_channels: file.sizes("block_out_channels", &[64])?,
            layers_per_block: file.size("layers_per_block", 1)?,
            norm_num_groups: file.size("norm_num_groups", 32)?,
            scaling_factor: file.number("scaling_factor", 0.18215)? as f32,
            use_quant_conv: file.flag("use_quant_conv", true)?,
            use_post_quant_conv: file.flag("use_post_quant_conv", true)?,
            mid_block_add_attention: file.flag("mid_block_add_attention", true)?,
            force_upcast: file.flag("force_upcast", true)?,
        };
        let channels = &config.block_out_channels;
        file.require((1..=8).contains(&channels.len()), || {
            "block_out_channels must have 1 to 8 entries".into()
        })?;
        let groups = config.norm_num_groups;
        file.require(channels.iter().all(|c| c % groups == 0), || {
            format!("block_out_channels {channels:?} do not divide into norm_num_groups = {groups}")
        })?;
        file.require(config.scaling_factor.is_normal(), || {
            "scaling_factor must be a number other than 0".into()
        })?;
        Ok(config)
    }
}
