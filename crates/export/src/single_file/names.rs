//! Renames the tensors of single files as diffusers does: `convert_ldm_unet_checkpoint`, `_vae_checkpoint`,
//! `_clip_checkpoint` and `convert_open_clip_checkpoint` (`loaders/single_file_utils.py`).

use crate::config::UNetConfig;
use crate::weights::TEXT_PROJECTION;

/// The properties of a UNet's layers that names depend on.
#[derive(Clone, Copy)]
pub struct UNetLayers {
    /// ResNets of each level on the way down.
    resnets: usize,
    /// Layers of its deepest transformers.
    transformer: usize,
    /// Whether something is added to the time embedding.
    addition: bool,
}

impl UNetLayers {
    pub fn of(config: &UNetConfig) -> Self {
        let depths = (0..config.levels()).map(|level| config.transformer_layers_per_block[level]);
        Self {
            resnets: config.layers_per_block[0],
            transformer: depths.max().unwrap_or(1),
            addition: config.addition.is_some(),
        }
    }
}

/// Returns the name of a UNet tensor.
pub fn unet(key: &str, layers: UNetLayers) -> Option<String> {
    let parts: Vec<&str> = key.split('.').collect();
    Some(match parts.as_slice() {
        ["time_embed", "0", end] => format!("time_embedding.linear_1.{end}"),
        ["time_embed", "2", end] => format!("time_embedding.linear_2.{end}"),
        ["label_emb", "0", "0", end] if layers.addition => format!("add_embedding.linear_1.{end}"),
        ["label_emb", "0", "2", end] if layers.addition => format!("add_embedding.linear_2.{end}"),
        ["input_blocks", "0", "0", end] => format!("conv_in.{end}"),
        ["out", "0", end] => format!("conv_norm_out.{end}"),
        ["out", "2", end] => format!("conv_out.{end}"),
        ["middle_block", "0", rest @ ..] => format!("mid_block.resnets.0.{}", resnet(rest)?),
        ["middle_block", "1", rest @ ..] => {
            format!("mid_block.attentions.0.{}", transformer(rest, layers.transformer)?)
        }
        ["middle_block", "2", rest @ ..] => format!("mid_block.resnets.1.{}", resnet(rest)?),
        // Each level ends with a convolution of its own on the way down, with one more ResNet on the way up.
        ["input_blocks", n, rest @ ..] => {
            let n = n.parse::<usize>().ok()?.checked_sub(1)?;
            unet_layer("down_blocks", n, layers, rest)?
        }
        ["output_blocks", n, rest @ ..] => {
            let n: usize = n.parse().ok()?;
            unet_layer("up_blocks", n, layers, rest)?
        }
        _ => return None,
    })
}

/// Returns the name of a tensor of the n-th of all layers on a way.
fn unet_layer(blocks: &str, n: usize, layers: UNetLayers, parts: &[&str]) -> Option<String> {
    let (block, layer) = (n / (layers.resnets + 1), n % (layers.resnets + 1));
    Some(match parts {
        [_, "op", end] => format!("{blocks}.{block}.downsamplers.0.conv.{end}"),
        [_, "conv", end] => format!("{blocks}.{block}.upsamplers.0.conv.{end}"),
        ["0", rest @ ..] => format!("{blocks}.{block}.resnets.{layer}.{}", resnet(rest)?),
        ["1", rest @ ..] => {
            format!("{blocks}.{block}.attentions.{layer}.{}", transformer(rest, layers.transformer)?)
        }
        _ => return None,
    })
}

/// These names are diffusers' own.
fn transformer(parts: &[&str], layers: usize) -> Option<String> {
    let is_known = match parts {
        ["norm" | "proj_in" | "proj_out", _] => true,
        ["transformer_blocks", layer, module, ..] if layer.parse::<usize>().is_ok_and(|n| n < layers) => {
            ["norm1", "norm2", "norm3", "attn1", "attn2", "ff"].contains(module)
        }
        _ => false,
    };
    is_known.then(|| parts.join("."))
}

fn resnet(parts: &[&str]) -> Option<String> {
    let (module, end) = match parts {
        ["in_layers", "0", end] => ("norm1", end),
        ["in_layers", "2", end] => ("conv1", end),
        ["emb_layers", "1", end] => ("time_emb_proj", end),
        ["out_layers", "0", end] => ("norm2", end),
        ["out_layers", "3", end] => ("conv2", end),
        ["skip_connection", end] => ("conv_shortcut", end),
        _ => return None,
    };
    Some(format!("{module}.{end}"))
}

/// Returns the name of a tensor of the VAE with `levels` levels; its decoder counts them from the finest.
pub fn vae(key: &str, levels: usize) -> Option<String> {
    let parts: Vec<&str> = key.split('.').collect();
    let up = |level: &str| levels.checked_sub(1 + level.parse::<usize>().ok()?);
    Some(match parts.as_slice() {
        [side, "norm_out", end] => format!("{side}.conv_norm_out.{end}"),
        [side, "mid", "block_1", rest @ ..] => format!("{side}.mid_block.resnets.0.{}", vae_resnet(rest)),
        [side, "mid", "block_2", rest @ ..] => format!("{side}.mid_block.resnets.1.{}", vae_resnet(rest)),
        [side, "mid", "attn_1", module, end] => {
            let module = match *module {
                "norm" => "group_norm",
                "q" => "to_q",
                "k" => "to_k",
                "v" => "to_v",
                "proj_out" => "to_out.0",
                _ => return None,
            };
            format!("{side}.mid_block.attentions.0.{module}.{end}")
        }
        ["encoder", "down", level, "block", layer, rest @ ..] => {
            format!("encoder.down_blocks.{level}.resnets.{layer}.{}", vae_resnet(rest))
        }
        ["encoder", "down", level, "downsample", rest @ ..] => {
            format!("encoder.down_blocks.{level}.downsamplers.0.{}", rest.join("."))
        }
        ["decoder", "up", level, "block", layer, rest @ ..] => {
            format!("decoder.up_blocks.{}.resnets.{layer}.{}", up(level)?, vae_resnet(rest))
        }
        ["decoder", "up", level, "upsample", rest @ ..] => {
            format!("decoder.up_blocks.{}.upsamplers.0.{}", up(level)?, rest.join("."))
        }
        ["quant_conv" | "post_quant_conv", _] | ["encoder" | "decoder", "conv_in" | "conv_out", _] => {
            key.to_owned()
        }
        _ => return None,
    })
}

fn vae_resnet(parts: &[&str]) -> String {
    parts.join(".").replace("nin_shortcut", "conv_shortcut")
}

/// Returns the name of a tensor of CLIP's text model: transformers' own, though old files omit the model's.
pub fn clip(key: &str) -> String {
    if key.starts_with("text_model.") { key.to_owned() } else { format!("text_model.{key}") }
}

/// Returns the names of a tensor of OpenCLIP's text model: queries, keys and values are thirds of one.
pub fn open_clip(key: &str) -> Vec<String> {
    let parts: Vec<&str> = key.split('.').collect();
    let one = match parts.as_slice() {
        ["token_embedding", end] => format!("embeddings.token_embedding.{end}"),
        ["positional_embedding"] => "embeddings.position_embedding.weight".to_owned(),
        // The only transposed tensor keeps its name.
        ["text_projection"] => return vec![TEXT_PROJECTION.to_owned()],
        ["ln_final", end] => format!("final_layer_norm.{end}"),
        ["transformer", "resblocks", layer, "attn", joint @ ("in_proj_weight" | "in_proj_bias")] => {
            let end = joint.trim_start_matches("in_proj_");
            let part = |name| format!("text_model.encoder.layers.{layer}.self_attn.{name}_proj.{end}");
            return ["q", "k", "v"].map(part).into();
        }
        ["transformer", "resblocks", layer, rest @ ..] => {
            let (module, end) = match rest {
                ["ln_1", end] => ("layer_norm1", end),
                ["ln_2", end] => ("layer_norm2", end),
                ["attn", "out_proj", end] => ("self_attn.out_proj", end),
                ["mlp", "c_fc", end] => ("mlp.fc1", end),
                ["mlp", "c_proj", end] => ("mlp.fc2", end),
                _ => return Vec::new(),
            };
            format!("encoder.layers.{layer}.{module}.{end}")
        }
        _ => return Vec::new(),
    };
    vec![format!("text_model.{one}")]
}
