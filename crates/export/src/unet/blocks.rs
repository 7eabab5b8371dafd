//! The UNet's blocks: diffusers' `CrossAttnDownBlock2D`, `UNetMidBlock2DCrossAttn`, `CrossAttnUpBlock2D` and those
//! without attention.

use onnx::{Value, op};

use super::attention::Modulation;
use super::transformer::Transformer;
use crate::config::{BlockKind, UNetConfig};
use crate::error::Result;
use crate::features::Features;
use crate::layers::Window;
use crate::resnet::{ResnetStyle, downsample, resnet, upsample_like};
use crate::scope::Scope;

/// Downsampling to half the size, rounded up.
const HALF: Window = Window { kernel: 3, stride: 2, pads: [1; 4] };

/// The inputs of all blocks.
pub(crate) struct Blocks<'a> {
    pub config: &'a UNetConfig,
    pub style: &'a ResnetStyle,
    /// The text embeddings.
    pub text: &'a Value,
    pub modulation: &'a Modulation,
    /// Tensors of the height and width of each level but the coarsest.
    pub grids: Vec<Value>,
}

impl Blocks<'_> {
    /// From the finest level to the coarsest; outputs of ResNets and downsampling are kept for the way up.
    pub fn down(&self, s: &Scope, mut x: Features, skips: &mut Vec<Features>) -> Result<Features> {
        let last = self.config.levels() - 1;
        for (level, &channels) in self.config.block_out_channels.iter().enumerate() {
            let s = s / level;
            let attends = self.config.down_block_types[level] == BlockKind::CrossAttention;
            for n in 0..self.config.layers_per_block[level] {
                x = resnet(&(&s / "resnets" / n), &x, channels, self.style)?;
                if attends {
                    x = self.transformer(level).apply(&(&s / "attentions" / n), &x)?;
                }
                skips.push(x.clone());
            }
            if level != last {
                x = downsample(&(&s / "downsamplers" / 0 / "conv"), &x, HALF)?;
                skips.push(x.clone());
            }
        }
        Ok(x)
    }

    /// ResNet, transformer, ResNet at the coarsest level.
    pub fn middle(&self, s: &Scope, x: Features) -> Result<Features> {
        let channels = x.channels;
        let x = resnet(&(s / "resnets" / 0), &x, channels, self.style)?;
        let x = self.transformer(self.config.levels() - 1).apply(&(s / "attentions" / 0), &x)?;
        resnet(&(s / "resnets" / 1), &x, channels, self.style)
    }

    /// From the coarsest level to the finest; every ResNet also takes one of the kept outputs.
    pub fn up(&self, s: &Scope, mut x: Features, mut skips: Vec<Features>) -> Result<Features> {
        for (n, level) in (0..self.config.levels()).rev().enumerate() {
            let s = s / n;
            let attends = self.config.up_block_types[n] == BlockKind::CrossAttention;
            let channels = self.config.block_out_channels[level];
            for n in 0..=self.config.layers_per_block[level] {
                if let Some(skip) = skips.pop() {
                    let both = s.op(op("Concat").int("axis", 1), [&x.value(&s), &skip.value(&s)]);
                    x = Features::new(both, x.channels + skip.channels);
                }
                x = resnet(&(&s / "resnets" / n), &x, channels, self.style)?;
                if attends {
                    x = self.transformer(level).apply(&(&s / "attentions" / n), &x)?;
                }
            }
            if let Some(grid) = level.checked_sub(1).and_then(|finer| self.grids.get(finer)) {
                x = upsample_like(&(&s / "upsamplers" / 0), &x, grid)?;
            }
        }
        Ok(x)
    }

    fn transformer(&self, level: usize) -> Transformer<'_> {
        Transformer {
            level,
            heads: self.config.num_attention_heads[level],
            layers: self.config.transformer_layers_per_block[level],
            groups: self.config.norm_num_groups,
            linear_projection: self.config.use_linear_projection,
            upcast_attention: self.config.upcast_attention,
            text: self.text,
            text_width: self.config.cross_attention_dim[level],
            modulation: self.modulation,
        }
    }
}
