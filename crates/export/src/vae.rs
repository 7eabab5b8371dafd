//! The autoencoder, diffusers' `AutoencoderKL`, as two graphs: encoder and decoder.

use onnx::{DataType, Value, dim};

use crate::config::{Activation, VaeConfig};
use crate::error::Result;
use crate::features::Features;
use crate::group_norm::{self, group_norm};
use crate::layers::{
    POINT, SAME, Window, conv, from_channels_last, in_shape_of, linear, linear_term, plain_attention,
};
use crate::resnet::{ResnetStyle, downsample, resnet, upsample_twice};
use crate::scope::{Builder, Scope};
use crate::weights::Tensors;
use crate::{ExportedModel, Target};

/// A convolution to half the size, with diffusers' `Downsample2D` padding: zeros below and on the right.
const HALF: Window = Window { kernel: 3, stride: 2, pads: [0, 0, 1, 1] };

/// conv_in, down blocks, middle block, conv_out, quant_conv.
pub(crate) fn encoder(config: &VaeConfig, tensors: &Tensors, target: Target) -> Result<ExportedModel> {
    let builder = Builder::new("vae_encoder", tensors, target);
    let root = builder.root();
    let (colours, moments) = (config.out_channels, 2 * config.latent_channels);
    let dims = [dim("batch"), dim(colours as i64), dim("picture_height"), dim("picture_width")];
    let picture = root.compute(&builder.input("sample", DataType::Float, dims));

    let s = &root / "encoder";
    let style = style(config);
    let channels = config.block_out_channels[0];
    let value = conv(&(&s / "conv_in"), &picture, colours, channels, SAME)?;
    let mut x = Features::new(value, channels);
    for (level, &channels) in config.block_out_channels.iter().enumerate() {
        let s = &s / "down_blocks" / level;
        for n in 0..config.layers_per_block {
            x = resnet(&(&s / "resnets" / n), &x, channels, &style)?;
        }
        if level + 1 < config.block_out_channels.len() {
            x = downsample(&(&s / "downsamplers" / 0 / "conv"), &x, HALF)?;
        }
    }
    let x = middle(&(&s / "mid_block"), x, config, &style)?;
    let mut h = last(&s, &x, config, moments)?;
    if config.use_quant_conv {
        h = conv(&(&root / "quant_conv"), &h, moments, moments, POINT)?;
    }
    builder.output("latent_parameters", &h, [dim("batch"), dim(moments as i64), dim("height"), dim("width")]);
    Ok(builder.finish(Vec::new()))
}

/// post_quant_conv, conv_in, middle block, up blocks, conv_out.
pub(crate) fn decoder(config: &VaeConfig, tensors: &Tensors, target: Target) -> Result<ExportedModel> {
    let builder = Builder::new("vae_decoder", tensors, target);
    let s = builder.root();
    let latents = config.latent_channels;
    let dims = [dim("batch"), dim(latents as i64), dim("height"), dim("width")];
    let mut x = s.compute(&builder.input("latent_sample", DataType::Float, dims));
    if config.use_post_quant_conv {
        x = conv(&(&s / "post_quant_conv"), &x, latents, latents, POINT)?;
    }

    let s = s / "decoder";
    let style = style(config);
    let reversed: Vec<usize> = config.block_out_channels.iter().rev().copied().collect();
    let channels = reversed[0];
    let value = conv(&(&s / "conv_in"), &x, latents, channels, SAME)?;
    let mut x = middle(&(&s / "mid_block"), Features::new(value, channels), config, &style)?;
    for (level, &channels) in reversed.iter().enumerate() {
        let s = &s / "up_blocks" / level;
        for n in 0..=config.layers_per_block {
            x = resnet(&(&s / "resnets" / n), &x, channels, &style)?;
        }
        if level + 1 < reversed.len() {
            x = upsample_twice(&(&s / "upsamplers" / 0), &x)?;
        }
    }
    let picture = last(&s, &x, config, config.out_channels)?;

    let dims = [dim("batch"), dim(config.out_channels as i64), dim("picture_height"), dim("picture_width")];
    builder.output("sample", &picture, dims);
    Ok(builder.finish(Vec::new()))
}

fn style(config: &VaeConfig) -> ResnetStyle {
    ResnetStyle {
        groups: config.norm_num_groups,
        eps: group_norm::EPS,
        activation: Activation::Silu,
        time: None,
    }
}

/// conv_norm_out, SiLU, conv_out.
fn last(s: &Scope, x: &Features, config: &VaeConfig, outputs: usize) -> Result<Value> {
    let norm = s / "conv_norm_out";
    let h = group_norm(&norm, x, config.norm_num_groups, group_norm::EPS, Some(Activation::Silu))?;
    conv(&(s / "conv_out"), &h.value(s), x.channels, outputs, SAME)
}

/// diffusers' `UNetMidBlock2D`: ResNet, attention, ResNet.
fn middle(s: &Scope, x: Features, config: &VaeConfig, style: &ResnetStyle) -> Result<Features> {
    let channels = x.channels;
    let mut x = resnet(&(s / "resnets" / 0), &x, channels, style)?;
    if config.mid_block_add_attention {
        x = attention(&(s / "attentions" / 0), &x, style.groups)?;
    }
    resnet(&(s / "resnets" / 1), &x, channels, style)
}

/// x + self-attention over all cells, with one head.
fn attention(s: &Scope, x: &Features, groups: usize) -> Result<Features> {
    let channels = x.channels;
    let [to_q, to_k, to_v, to_out] = projections(s);
    let normal = group_norm(&(s / "group_norm"), x, groups, group_norm::EPS, None)?;
    let cells = normal.channels_last(s);
    let tokens = s.reshape(&cells, [0, -1, channels as i64]);
    let rows = s.reshape(&cells, [-1, channels as i64]);
    let project = |s: &Scope| Ok(in_shape_of(s, &linear(s, &rows, channels, channels)?, &tokens));
    let attended = s.op(plain_attention(1), [&project(&to_q)?, &project(&to_k)?, &project(&to_v)?]);
    let h = linear_term(&to_out, &s.reshape(&attended, [-1, channels as i64]), channels, channels)?;
    let h = h.map(|rows| from_channels_last(s, &in_shape_of(s, rows, &cells)));
    Ok(Features::sum(s, [h, x.value(s).into()], Some(&normal), channels))
}

/// The four projections, by their old names if need be (diffusers' `_convert_deprecated_attention_blocks`).
fn projections<'b>(s: &Scope<'b>) -> [Scope<'b>; 4] {
    match (s / "query").has("weight") {
        true => [s / "query", s / "key", s / "value", s / "proj_attn"],
        false => [s / "to_q", s / "to_k", s / "to_v", s / "to_out" / 0],
    }
}
