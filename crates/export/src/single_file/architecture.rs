//! What the shapes of its tensors tell of a model, as diffusers' configuration files say it. What no shape tells is as all
//! published models of the family have it.

use serde_json::{Value, json};

use super::{Family, TEXT_1, TEXT_2, UNET, VAE};
use crate::error::{ExportError, Result};
use crate::weights::Tensors;

/// Width of a head where it is the same everywhere: in CLIP, and in the UNet of Stable Diffusion 2.
const HEAD: usize = 64;
/// Heads of each level in the UNet of Stable Diffusion 1.
const HEADS: usize = 8;

/// The shape of the tensor `key`, which must have as many axes as `N` or more.
fn shape<const N: usize>(tensors: &Tensors, key: &str) -> Result<[usize; N]> {
    let missing = || ExportError::MissingTensor { path: tensors.origin().into(), key: key.into() };
    let shape = tensors.shape(key).and_then(|shape| shape.first_chunk().copied());
    shape.ok_or_else(missing)
}

/// `unet/config.json`.
pub fn unet(tensors: &Tensors, family: Family) -> Result<Value> {
    let key = |rest: &str| format!("{UNET}{rest}");
    let [_, in_channels] = shape(tensors, &key("input_blocks.0.0.weight"))?;
    let [out_channels] = shape(tensors, &key("out.2.weight"))?;
    // Of each level its channels, its layers, and whether they have attention.
    let mut levels: Vec<(usize, usize, bool)> = Vec::new();
    let mut cross_attention_dim = None;
    for n in 1.. {
        let first = n == 1 || tensors.contains(&key(&format!("input_blocks.{}.0.op.weight", n - 1)));
        let Some(&[channels, ..]) = tensors.shape(&key(&format!("input_blocks.{n}.0.in_layers.2.weight")))
        else {
            if tensors.contains(&key(&format!("input_blocks.{n}.0.op.weight"))) {
                continue;
            }
            break;
        };
        if first {
            levels.push((channels, 0, false));
        }
        let text = format!("input_blocks.{n}.1.transformer_blocks.0.attn2.to_k.weight");
        let text = tensors.shape(&key(&text)).and_then(|shape| shape.get(1).copied());
        cross_attention_dim = cross_attention_dim.or(text);
        if let Some((_, layers, attends)) = levels.last_mut() {
            *layers += 1;
            *attends |= text.is_some();
        }
    }
    let kinds = |cross: &str, plain: &str| -> Vec<String> {
        levels.iter().map(|level| if level.2 { cross } else { plain }.to_owned()).collect()
    };
    let mut up = kinds("CrossAttnUpBlock2D", "UpBlock2D");
    up.reverse();
    let channels: Vec<usize> = levels.iter().map(|level| level.0).collect();
    let is_2 = family == Family::Two;
    let heads = match family {
        Family::One => json!(HEADS),
        Family::Two => channels.iter().map(|channels| (channels / HEAD).max(1)).collect(),
    };
    Ok(json!({
        "_class_name": "UNet2DConditionModel",
        "attention_head_dim": heads,
        "block_out_channels": channels,
        "cross_attention_dim": cross_attention_dim,
        "down_block_types": kinds("CrossAttnDownBlock2D", "DownBlock2D"),
        "in_channels": in_channels,
        "layers_per_block": levels.first().map(|level| level.1),
        "norm_num_groups": 32,
        "out_channels": out_channels,
        "sample_size": if is_2 { 96 } else { 64 },
        "up_block_types": up,
        "upcast_attention": is_2,
        "use_linear_projection": is_2,
    }))
}

/// `vae/config.json`.
pub fn vae(tensors: &Tensors) -> Result<Value> {
    let block = |level: usize, layer: usize| {
        tensors.shape(&format!("{VAE}encoder.down.{level}.block.{layer}.conv1.weight"))
    };
    let channels: Vec<usize> = (0..).map_while(|level| block(level, 0)?.first().copied()).collect();
    let layers = (0..).take_while(|&layer| block(0, layer).is_some()).count();
    let [_, latent_channels] = shape(tensors, &format!("{VAE}decoder.conv_in.weight"))?;
    Ok(json!({
        "_class_name": "AutoencoderKL",
        "block_out_channels": channels,
        "latent_channels": latent_channels,
        "layers_per_block": layers,
        "norm_num_groups": 32,
        "scaling_factor": 0.18215,
    }))
}

/// `text_encoder/config.json`.
pub fn text_encoder(tensors: &Tensors, family: Family) -> Result<Value> {
    let (embeddings, inner, activation) = match family {
        Family::One => ("embeddings.token_embedding.weight", "mlp.fc1.weight", "quick_gelu"),
        Family::Two => ("token_embedding.weight", "mlp.c_fc.weight", "gelu"),
    };
    let positions = match family {
        Family::One => "embeddings.position_embedding.weight",
        Family::Two => "positional_embedding",
    };
    let key = |rest: &str| match family {
        Family::Two => format!("{TEXT_2}{rest}"),
        // The oldest files leave the model's own name out.
        Family::One if tensors.contains(&format!("{TEXT_1}{rest}")) => format!("{TEXT_1}{rest}"),
        Family::One => format!("{TEXT_1}text_model.{rest}"),
    };
    let inner = |layer: usize| match family {
        Family::One => key(&format!("encoder.layers.{layer}.{inner}")),
        Family::Two => key(&format!("transformer.resblocks.{layer}.{inner}")),
    };
    let [vocab_size, hidden_size] = shape(tensors, &key(embeddings))?;
    let [max_position_embeddings] = shape(tensors, &key(positions))?;
    let [intermediate_size] = shape(tensors, &inner(0))?;
    let layers = (0..).take_while(|&layer| tensors.contains(&inner(layer))).count();
    Ok(json!({
        "hidden_act": activation,
        "hidden_size": hidden_size,
        "intermediate_size": intermediate_size,
        "max_position_embeddings": max_position_embeddings,
        "num_attention_heads": (hidden_size / HEAD).max(1),
        // Stable Diffusion 2 takes what comes before the last layer.
        "num_hidden_layers": if family == Family::Two { layers.saturating_sub(1) } else { layers },
        "vocab_size": vocab_size,
    }))
}

/// `scheduler/scheduler_config.json`: of Stable Diffusion 1.5, and of 2.1, which diffusers takes for any 2.
pub fn scheduler(family: Family) -> Value {
    let (class, prediction) = match family {
        Family::One => ("PNDMScheduler", "epsilon"),
        Family::Two => ("DDIMScheduler", "v_prediction"),
    };
    json!({
        "_class_name": class,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "clip_sample": false,
        "num_train_timesteps": 1000,
        "prediction_type": prediction,
        "set_alpha_to_one": false,
        "skip_prk_steps": true,
        "steps_offset": 1,
    })
}
