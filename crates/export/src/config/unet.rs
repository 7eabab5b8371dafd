//! `unet/config.json`: diffusers' `UNet2DConditionModel`.

use serde_json::{Value, json};

use super::{Activation, ConfigFile};
use crate::error::Result;

/// The architecture of the denoiser. Field names and defaults are those of diffusers' `UNet2DConditionModel`.
#[derive(Clone, Debug)]
pub struct UNetConfig {
    /// Channels of the input latents.
    pub in_channels: usize,
    /// Channels of the prediction.
    pub out_channels: usize,
    /// Whether samples are first mapped from [0, 1] to [-1, 1].
    pub center_input_sample: bool,
    /// Whether cosines come before sines in the time embedding.
    pub flip_sin_to_cos: bool,
    /// Subtracted from the number of frequencies in their exponent's denominator.
    pub freq_shift: f32,
    /// Kinds of the blocks on the way down, finest first.
    pub down_block_types: Vec<BlockKind>,
    /// Kinds of the blocks on the way up, coarsest first.
    pub up_block_types: Vec<BlockKind>,
    /// Channels of each level, finest first, as in all that follow.
    pub block_out_channels: Vec<usize>,
    /// ResNets of each level's block on the way down; one more on the way up.
    pub layers_per_block: Vec<usize>,
    /// Activation of ResNets and time embedding.
    pub act_fn: Activation,
    /// Groups of the group norms.
    pub norm_num_groups: usize,
    /// Epsilon of the ResNets' group norms.
    pub norm_eps: f32,
    /// Width of the text embeddings at each level.
    pub cross_attention_dim: Vec<usize>,
    /// Transformer layers of each level's attention blocks.
    pub transformer_layers_per_block: Vec<usize>,
    /// Attention heads of each level; misnamed `attention_head_dim` by diffusers in most files.
    pub num_attention_heads: Vec<usize>,
    /// Whether linear layers replace 1x1 convolutions around the transformer layers.
    pub use_linear_projection: bool,
    /// Whether attention is in f32 in a half-precision graph.
    pub upcast_attention: bool,
    /// Width of the time embedding; 4 times the first level's channels by default.
    pub time_embedding_dim: usize,
    /// What is added to the time embedding: nothing, or for Stable Diffusion XL pooled text and picture size.
    pub addition: Option<Addition>,
}

/// Number of Stable Diffusion XL's size conditions (diffusers' `add_time_ids`): original height and width,
/// crop's top and left, target height and width.
pub const TIME_IDS: usize = 6;

/// The widths of Stable Diffusion XL's conditions besides time (`addition_embed_type` `text_time`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Of the pooled text embedding.
    pub text: usize,
    /// Of the sinusoidal embedding of each size condition.
    pub time_id: usize,
}

/// What a block of the UNet is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// ResNets alone (`DownBlock2D`, `UpBlock2D`).
    Plain,
    /// A transformer after each ResNet (`CrossAttnDownBlock2D`, `CrossAttnUpBlock2D`).
    CrossAttention,
}

impl UNetConfig {
    /// Number of resolutions; each halves the one before, rounding up.
    pub fn levels(&self) -> usize {
        self.block_out_channels.len()
    }

    /// The levels that have attention layers, finest (0) first. The middle block always has them, at the last level.
    pub fn attention_levels(&self) -> Vec<usize> {
        let last = self.levels() - 1;
        let attends = |level: &usize| {
            *level == last
                || self.down_block_types[*level] == BlockKind::CrossAttention
                || self.up_block_types[last - *level] == BlockKind::CrossAttention
        };
        (0..=last).filter(attends).collect()
    }

    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        use BlockKind::{CrossAttention, Plain};
        file.supports(&supported())?;
        file.not_null(&[
            "in_channels",
            "out_channels",
            "block_out_channels",
            "layers_per_block",
            "norm_num_groups",
            "cross_attention_dim",
            "transformer_layers_per_block",
        ])?;
        if file.get("num_attention_heads").is_none() {
            file.not_null(&["attention_head_dim"])?;
        }
        let down = [("DownBlock2D", Plain), ("CrossAttnDownBlock2D", CrossAttention)];
        let up = [("UpBlock2D", Plain), ("CrossAttnUpBlock2D", CrossAttention)];
        let usual = [CrossAttention, CrossAttention, CrossAttention, Plain];
        let activations =
            [("silu", Activation::Silu), ("swish", Activation::Silu), ("gelu", Activation::Gelu)];
        let channels = file.sizes("block_out_channels", &[320, 640, 1280, 1280])?;
        let levels = channels.len();
        file.require(levels > 0, || "block_out_channels is empty".into())?;
        let config = Self {
            in_channels: file.size("in_channels", 4)?,
            out_channels: file.size("out_channels", 4)?,
            center_input_sample: file.flag("center_input_sample", false)?,
            flip_sin_to_cos: file.flag("flip_sin_to_cos", true)?,
            freq_shift: file.number("freq_shift", 0.0)? as f32,
            down_block_types: file.words("down_block_types", &down, &usual)?,
            up_block_types: file.words(
                "up_block_types",
                &up,
                &usual.into_iter().rev().collect::<Vec<_>>(),
            )?,
            layers_per_block: file.per_level("layers_per_block", 2, levels)?,
            act_fn: file.word("act_fn", &activations)?.unwrap_or(Activation::Silu),
            norm_num_groups: file.size("norm_num_groups", 32)?,
            norm_eps: file.number("norm_eps", 1e-5)? as f32,
            cross_attention_dim: file.per_level("cross_attention_dim", 1280, levels)?,
            transformer_layers_per_block: file.per_level("transformer_layers_per_block", 1, levels)?,
            num_attention_heads: file.per_level(heads_key(file), 8, levels)?,
            use_linear_projection: file.flag("use_linear_projection", false)?,
            upcast_attention: file.flag("upcast_attention", false)?,
            time_embedding_dim: file.open_size("time_embedding_dim")?.unwrap_or(4 * channels[0]),
            addition: Addition::parse(file)?,
            block_out_channels: channels,
        };
        config.check(file)?;
        Ok(config)
    }

    fn check(&self, file: &ConfigFile) -> Result<()> {
        let levels = self.levels();
        for (key, found) in
            [("down_block_types", self.down_block_types.len()), ("up_block_types", self.up_block_types.len())]
        {
            file.require(found == levels, || {
                format!("{key} has {found} entries, block_out_channels has {levels}")
            })?;
        }
        let groups = self.norm_num_groups;
        for (&channels, &heads) in self.block_out_channels.iter().zip(&self.num_attention_heads) {
            file.require(channels % groups == 0, || {
                format!("block_out_channels: {channels} is not divisible into norm_num_groups = {groups}")
            })?;
            file.require(channels % heads == 0, || {
                let key = heads_key(file);
                format!("block_out_channels: {channels} is not divisible among the {heads} heads of {key}")
            })?;
        }
        file.require(self.block_out_channels[0].is_multiple_of(2), || {
            "block_out_channels[0] must be even".into()
        })
    }
}

/// The key that holds the number of heads.
fn heads_key(file: &ConfigFile) -> &'static str {
    if file.get("num_attention_heads").is_some() { "num_attention_heads" } else { "attention_head_dim" }
}

impl Addition {
    fn parse(file: &ConfigFile) -> Result<Option<Self>> {
        if file.word("addition_embed_type", &[("text_time", ())])?.is_none() {
            return Ok(None);
        }
        let time_id = file.open_size("addition_time_embed_dim")?;
        file.require(time_id.is_none_or(|width| width.is_multiple_of(2)), || {
            "addition_time_embed_dim must be even".into()
        })?;
        let widths = time_id.zip(file.open_size("projection_class_embeddings_input_dim")?);
        let text = |(time_id, both): (usize, usize)| {
            Some(Self { text: both.checked_sub(TIME_IDS * time_id).filter(|text| *text > 0)?, time_id })
        };
        let addition = widths.and_then(text);
        file.require(addition.is_some(), || {
            let six = "projection_class_embeddings_input_dim of more than six times as much";
            format!("addition_embed_type needs an addition_time_embed_dim, and a {six}")
        })?;
        Ok(addition)
    }
}

/// The keys that affect the computation, with their supported values.
fn supported() -> Vec<(&'static str, Vec<Value>)> {
    let off = || vec![Value::Null, json!(false)];
    let one = || vec![json!(1), json!(1.0)];
    vec![
        ("_class_name", vec![json!("UNet2DConditionModel")]),
        ("attention_type", vec![json!("default")]),
        ("class_embed_type", off()),
        ("class_embeddings_concat", off()),
        ("conv_in_kernel", vec![json!(3)]),
        ("conv_out_kernel", vec![json!(3)]),
        ("cross_attention_norm", off()),
        // Without padding, odd sides would be rounded down, while the regions' levels are rounded up.
        ("downsample_padding", vec![json!(1)]),
        ("dual_cross_attention", off()),
        ("encoder_hid_dim", off()),
        ("encoder_hid_dim_type", off()),
        ("mid_block_only_cross_attention", off()),
        ("mid_block_scale_factor", one()),
        ("mid_block_type", vec![json!("UNetMidBlock2DCrossAttn")]),
        ("num_class_embeds", off()),
        ("only_cross_attention", off()),
        ("resnet_out_scale_factor", one()),
        ("resnet_skip_time_act", off()),
        ("resnet_time_scale_shift", vec![json!("default")]),
        ("reverse_transformer_layers_per_block", off()),
        ("time_cond_proj_dim", off()),
        ("time_embedding_act_fn", off()),
        ("time_embedding_type", vec![json!("positional")]),
        ("timestep_post_act", off()),
    ]
}
