//! `unet/config.json`: diffusers' `UNet2DConditionModel`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::json::truth;
use super::{Activation, ConfigFile};
use crate::error::Result;

/// The architecture of the denoiser. Field names and defaults are those of diffusers' `UNet2DConditionModel`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct UNetConfig {
    /// Channels of the latents going in.
    pub in_channels: usize,
    /// Channels of the prediction.
    pub out_channels: usize,
    /// Maps samples from [0, 1] to [-1, 1] first.
    #[serde(deserialize_with = "truth")]
    pub center_input_sample: bool,
    /// Cosines before sines in the time embedding.
    #[serde(deserialize_with = "truth")]
    pub flip_sin_to_cos: bool,
    /// Subtracted from the number of frequencies in their exponent's denominator.
    pub freq_shift: f32,
    /// Kinds of the blocks on the way down, finest first.
    pub down_block_types: Vec<BlockKind>,
    /// Kinds of the blocks on the way up, coarsest first.
    pub up_block_types: Vec<BlockKind>,
    /// Channels of each level, finest first.
    pub block_out_channels: Vec<usize>,
    /// ResNets of each block on the way down; one more on the way up.
    pub layers_per_block: PerBlock,
    /// Activation of ResNets and time embedding.
    pub act_fn: Activation,
    /// Groups of the group norms.
    pub norm_num_groups: usize,
    /// Epsilon of the ResNets' group norms.
    pub norm_eps: f32,
    /// Width of the text embeddings.
    pub cross_attention_dim: PerBlock,
    /// Transformer layers per attention block.
    pub transformer_layers_per_block: PerBlock,
    /// By a slip of diffusers' naming, the *number* of heads of each level.
    pub attention_head_dim: PerBlock,
    /// The number of heads, where a configuration says it by this name.
    pub num_attention_heads: Option<PerBlock>,
    /// Linear layers instead of 1x1 convolutions around the transformer layers.
    #[serde(deserialize_with = "truth")]
    pub use_linear_projection: bool,
    /// Attention in f32 in a half-precision graph.
    #[serde(deserialize_with = "truth")]
    pub upcast_attention: bool,
    /// Width of the time embedding; 4 times the first level's channels by default.
    pub time_embedding_dim: Option<usize>,
    /// What is added to the time embedding: nothing, or as in Stable Diffusion XL the whole text and the picture's size.
    pub addition_embed_type: Option<AdditionEmbedType>,
    /// Sines and cosines of each number of the size.
    pub addition_time_embed_dim: Option<usize>,
    /// Width of text and size together.
    pub projection_class_embeddings_input_dim: Option<usize>,
}

/// What a UNet takes beside the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum AdditionEmbedType {
    /// The whole text's embedding, and six numbers: original height and width, where it was cropped, height and width.
    #[serde(rename = "text_time")]
    TextTime,
}

/// Numbers that say a picture's size in Stable Diffusion XL (diffusers' `add_time_ids`).
pub const TIME_IDS: usize = 6;

/// The widths of what Stable Diffusion XL's UNet takes beside the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Of the whole text's embedding.
    pub text: usize,
    /// Of each number of the size, as sines and cosines.
    pub time_id: usize,
}

/// One value for all blocks, or a list with one for each, finest level first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PerBlock {
    /// The same everywhere.
    All(usize),
    /// One for each block.
    Each(Vec<usize>),
}

impl PerBlock {
    /// The value at level `level`; lists are as long as there are levels, which parsing has checked.
    pub fn at(&self, level: usize) -> usize {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values[level],
        }
    }

    fn fits(&self, levels: usize) -> bool {
        match self {
            Self::All(_) => true,
            Self::Each(values) => values.len() == levels,
        }
    }
}

/// What a block of the UNet is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum BlockKind {
    /// ResNets alone (`DownBlock2D`, `UpBlock2D`).
    #[serde(alias = "DownBlock2D", alias = "UpBlock2D")]
    Plain,
    /// A transformer after each ResNet (`CrossAttnDownBlock2D`, `CrossAttnUpBlock2D`).
    #[serde(alias = "CrossAttnDownBlock2D", alias = "CrossAttnUpBlock2D")]
    CrossAttention,
}

impl Default for UNetConfig {
    fn default() -> Self {
        use BlockKind::{CrossAttention, Plain};
        Self {
            in_channels: 4,
            out_channels: 4,
            center_input_sample: false,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            down_block_types: vec![CrossAttention, CrossAttention, CrossAttention, Plain],
            up_block_types: vec![Plain, CrossAttention, CrossAttention, CrossAttention],
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerBlock::All(2),
            act_fn: Activation::Silu,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            cross_attention_dim: PerBlock::All(1280),
            transformer_layers_per_block: PerBlock::All(1),
            attention_head_dim: PerBlock::All(8),
            num_attention_heads: None,
            use_linear_projection: false,
            upcast_attention: false,
            time_embedding_dim: None,
            addition_embed_type: None,
            addition_time_embed_dim: None,
            projection_class_embeddings_input_dim: None,
        }
    }
}

impl UNetConfig {
    /// How many resolutions there are; each halves the one before, rounding up.
    pub fn levels(&self) -> usize {
        self.block_out_channels.len()
    }

    /// Number of attention heads at level `level`.
    pub fn heads(&self, level: usize) -> usize {
        self.num_attention_heads.as_ref().unwrap_or(&self.attention_head_dim).at(level)
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

    /// Width of the time embedding.
    pub fn time_width(&self) -> usize {
        self.time_embedding_dim.unwrap_or(4 * self.block_out_channels[0])
    }

    /// What is added to the time embedding.
    pub fn addition(&self) -> Option<Addition> {
        self.addition_embed_type?;
        let time_id = self.addition_time_embed_dim?;
        let text = self.projection_class_embeddings_input_dim?.checked_sub(TIME_IDS * time_id)?;
        Some(Addition { text, time_id })
    }

    pub(crate) fn parse(file: &ConfigFile) -> Result<Self> {
        file.supports(&supported())?;
        block_types(file, "down_block_types", &["DownBlock2D", "CrossAttnDownBlock2D"])?;
        block_types(file, "up_block_types", &["UpBlock2D", "CrossAttnUpBlock2D"])?;
        file.counts(&[
            "addition_time_embed_dim",
            "attention_head_dim",
            "block_out_channels",
            "cross_attention_dim",
            "in_channels",
            "layers_per_block",
            "norm_num_groups",
            "num_attention_heads",
            "out_channels",
            "projection_class_embeddings_input_dim",
            "time_embedding_dim",
            "transformer_layers_per_block",
        ])?;
        let config: Self = file.parse()?;
        config.check(file)?;
        Ok(config)
    }

    fn check(&self, file: &ConfigFile) -> Result<()> {
        let levels = self.levels();
        file.require(levels > 0, || "block_out_channels is empty".into())?;
        for (key, found) in
            [("down_block_types", self.down_block_types.len()), ("up_block_types", self.up_block_types.len())]
        {
            file.require(found == levels, || {
                format!("{key} has {found} entries, block_out_channels has {levels}")
            })?;
        }
        for (key, value) in [
            ("layers_per_block", Some(&self.layers_per_block)),
            ("cross_attention_dim", Some(&self.cross_attention_dim)),
            ("transformer_layers_per_block", Some(&self.transformer_layers_per_block)),
            ("attention_head_dim", Some(&self.attention_head_dim)),
            ("num_attention_heads", self.num_attention_heads.as_ref()),
        ] {
            file.require(value.is_none_or(|v| v.fits(levels)), || {
                format!("{key} must be one number or a list of {levels}, one for each level")
            })?;
        }
        let heads_key =
            if self.num_attention_heads.is_some() { "num_attention_heads" } else { "attention_head_dim" };
        for (level, &channels) in self.block_out_channels.iter().enumerate() {
            let (groups, heads) = (self.norm_num_groups, self.heads(level));
            file.require(channels % groups == 0, || {
                format!("block_out_channels: {channels} is not divisible into norm_num_groups = {groups}")
            })?;
            file.require(channels % heads == 0, || {
                format!(
                    "block_out_channels: {channels} is not divisible among the {heads} heads of {heads_key}"
                )
            })?;
        }
        file.require(self.block_out_channels[0].is_multiple_of(2), || {
            "block_out_channels[0] must be even".into()
        })?;
        let is_even = self.addition_time_embed_dim.is_none_or(|dim| dim.is_multiple_of(2));
        file.require(is_even, || "addition_time_embed_dim must be even".into())?;
        file.require(self.addition_embed_type.is_none() || self.addition().is_some(), || {
            let six = "projection_class_embeddings_input_dim of more than six times as much";
            format!("addition_embed_type needs an addition_time_embed_dim, and a {six}")
        })
    }
}

/// The keys that change the computation, with the values that are built here.
fn supported() -> Vec<(&'static str, Vec<Value>)> {
    let off = || vec![Value::Null, json!(false)];
    let one = || vec![json!(1), json!(1.0)];
    vec![
        ("_class_name", vec![json!("UNet2DConditionModel")]),
        ("act_fn", vec![json!("silu"), json!("swish"), json!("gelu")]),
        ("addition_embed_type", vec![Value::Null, json!("text_time")]),
        ("attention_type", vec![json!("default")]),
        ("class_embed_type", off()),
        ("class_embeddings_concat", off()),
        ("conv_in_kernel", vec![json!(3)]),
        ("conv_out_kernel", vec![json!(3)]),
        ("cross_attention_norm", off()),
        // Without padding a side that is odd is rounded down, and the levels of the regions are rounded up.
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

fn block_types(file: &ConfigFile, key: &str, supported: &[&str]) -> Result<()> {
    let listed = file.json.get(key).and_then(Value::as_array);
    match listed.into_iter().flatten().find(|kind| !kind.as_str().is_some_and(|k| supported.contains(&k))) {
        Some(kind) => Err(file.unsupported(key, kind, supported)),
        None => Ok(()),
    }
}
