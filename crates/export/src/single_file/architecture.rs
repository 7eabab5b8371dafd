//! Infers a model's configuration, as in diffusers' files, from the shapes of its tensors. What no shape
//! tells is as in all published models of the version.

use serde_json::{Value, json};

use super::{UNET, VAE, Version};
use crate::error::{ExportError, Result};
use crate::weights::{TEXT_PROJECTION, Tensors};

/// Head size where it is the same everywhere: in CLIP, and in the UNets of Stable Diffusion 2 and XL.
const HEAD: usize = 64;
/// Heads at each level in the UNet of Stable Diffusion 1.
const HEADS: usize = 8;
/// Layers of OpenCLIP's text model that Stable Diffusion 2 uses: all but the last, which many files leave out.
pub const SD2_OPEN_CLIP_LAYERS: usize = 23;
/// Width of the sinusoidal embedding of each size condition in XL.
const XL_TIME_ID: usize = 256;

/// The first dimensions of the tensor `key`.
fn shape<const N: usize>(tensors: &Tensors, key: &str) -> Result<[usize; N]> {
    let missing = || ExportError::MissingTensor { path: tensors.origin().into(), key: key.into() };
    tensors.shape_of(key)?.first_chunk().copied().ok_or_else(missing)
}

/// A level of the UNet.
struct Level {
    channels: usize,
    layers: usize,
    attends: bool,
    transformer_layers: usize,
}

/// `unet/config.json`.
pub fn unet(tensors: &Tensors, version: Version) -> Result<Value> {
    let key = |rest: &str| format!("{UNET}{rest}");
    let [_, in_channels] = shape(tensors, &key("input_blocks.0.0.weight"))?;
    let [out_channels] = shape(tensors, &key("out.2.weight"))?;
    let [_, cross_attention_dim] =
        shape(tensors, &key("middle_block.1.transformer_blocks.0.attn2.to_k.weight"))?;
    let levels = levels(tensors);
    let kinds = |cross: &str, plain: &str| -> Vec<String> {
        levels.iter().map(|level| if level.attends { cross } else { plain }.to_owned()).collect()
    };
    let mut up = kinds("CrossAttnUpBlock2D", "UpBlock2D");
    up.reverse();
    let channels: Vec<usize> = levels.iter().map(|level| level.channels).collect();
    let heads = match version {
        Version::Sd1 => json!(HEADS),
        Version::Sd2 | Version::Xl => channels.iter().map(|channels| (channels / HEAD).max(1)).collect(),
    };
    let transformer_layers: Vec<usize> = match version {
        Version::Sd1 | Version::Sd2 => vec![1; levels.len()],
        Version::Xl => levels.iter().map(|level| level.transformer_layers).collect(),
    };
    let added = match version {
        Version::Sd1 | Version::Sd2 => None,
        Version::Xl => Some(shape::<2>(tensors, &key("label_emb.0.0.weight"))?[1]),
    };
    Ok(json!({
        "_class_name": "UNet2DConditionModel",
        "addition_embed_type": added.map(|_| "text_time"),
        "addition_time_embed_dim": added.map(|_| XL_TIME_ID),
        "attention_head_dim": heads,
        "block_out_channels": channels,
        "cross_attention_dim": cross_attention_dim,
        "down_block_types": kinds("CrossAttnDownBlock2D", "DownBlock2D"),
        "in_channels": in_channels,
        "layers_per_block": levels.first().map(|level| level.layers),
        "norm_num_groups": 32,
        "out_channels": out_channels,
        "projection_class_embeddings_input_dim": added,
        "sample_size": sample_size(tensors, version),
        "transformer_layers_per_block": transformer_layers,
        "up_block_types": up,
        "upcast_attention": version == Version::Sd2,
        "use_linear_projection": version != Version::Sd1,
    }))
}

/// The levels on the way down, finest first; each but the last ends with a convolution that halves the sides.
fn levels(tensors: &Tensors) -> Vec<Level> {
    let mut levels = Vec::new();
    let mut begins = true;
    for n in 1.. {
        let block = format!("{UNET}input_blocks.{n}");
        if tensors.contains(&format!("{block}.0.op.weight")) {
            begins = true;
            continue;
        }
        let Some(&[channels, ..]) = tensors.shape(&format!("{block}.0.in_layers.2.weight")) else { break };
        if std::mem::take(&mut begins) {
            levels.push(Level { channels, layers: 0, attends: false, transformer_layers: 1 });
        }
        if let Some(level) = levels.last_mut() {
            level.layers += 1;
            level.attends |= tensors.contains(&format!("{block}.1.proj_in.weight"));
            let layer = |n| format!("{block}.1.transformer_blocks.{n}.norm1.weight");
            let layers = (0..).take_while(|&n: &usize| tensors.contains(&layer(n))).count();
            level.transformer_layers = level.transformer_layers.max(layers);
        }
    }
    levels
}

/// `vae/config.json`.
pub fn vae(tensors: &Tensors, version: Version) -> Result<Value> {
    let block = |level: usize, layer: usize| {
        tensors.shape(&format!("{VAE}encoder.down.{level}.block.{layer}.conv1.weight"))
    };
    let channels: Vec<usize> = (0..).map_while(|level| block(level, 0)?.first().copied()).collect();
    let layers = (0..).take_while(|&layer| block(0, layer).is_some()).count();
    let [_, latent_channels] = shape(tensors, &format!("{VAE}decoder.conv_in.weight"))?;
    Ok(json!({
        "_class_name": "AutoencoderKL",
        "block_out_channels": channels,
        "force_upcast": version == Version::Xl,
        "latent_channels": latent_channels,
        "layers_per_block": layers,
        "norm_num_groups": 32,
        "scaling_factor": if version == Version::Xl { 0.13025 } else { 0.18215 },
    }))
}

/// The configuration of OpenAI's CLIP, from tensors with diffusers' names.
pub fn clip(tensors: &Tensors) -> Result<Value> {
    text_encoder(tensors, "quick_gelu", usize::MAX)
}

/// The configuration of OpenCLIP with its first `layers` layers.
pub fn open_clip(tensors: &Tensors, layers: usize) -> Result<Value> {
    text_encoder(tensors, "gelu", layers)
}

fn text_encoder(tensors: &Tensors, hidden_act: &str, most_layers: usize) -> Result<Value> {
    let inner = |layer: usize| format!("text_model.encoder.layers.{layer}.mlp.fc1.weight");
    let [vocab_size, hidden_size] = shape(tensors, "text_model.embeddings.token_embedding.weight")?;
    let [max_position_embeddings] = shape(tensors, "text_model.embeddings.position_embedding.weight")?;
    let [intermediate_size] = shape(tensors, &inner(0))?;
    let layers = (0..).take_while(|&layer| tensors.contains(&inner(layer))).count();
    let projection_dim = tensors.shape(TEXT_PROJECTION).and_then(|shape| shape.get(1));
    Ok(json!({
        "hidden_act": hidden_act,
        "hidden_size": hidden_size,
        "intermediate_size": intermediate_size,
        "max_position_embeddings": max_position_embeddings,
        "num_attention_heads": (hidden_size / HEAD).max(1),
        "num_hidden_layers": layers.min(most_layers),
        "projection_dim": projection_dim,
        "vocab_size": vocab_size,
    }))
}

/// Width and height in latent cells that the UNet was trained at, from the file's metadata if possible.
fn sample_size(tensors: &Tensors, version: Version) -> Value {
    let usual = match version {
        Version::Sd1 => 64,
        Version::Sd2 => 96,
        Version::Xl => 128,
    };
    let cells = |side: &str| side.parse::<usize>().ok().filter(|side| side % 8 == 0).map(|side| side / 8);
    let told = tensors.metadata("modelspec.resolution").and_then(|told| told.split_once('x'));
    match told.and_then(|(width, height)| Some((cells(width)?, cells(height)?))) {
        Some((width, height)) if width > 0 && height > 0 => json!([height, width]),
        _ => json!(usual),
    }
}

/// `scheduler/scheduler_config.json` of Stable Diffusion 1.5, of 2.1 (diffusers' choice for any 2) or of XL.
/// Some files name their prediction type: in metadata (Stability AI's ModelSpec) or by a marker tensor.
pub fn scheduler(tensors: &Tensors, version: Version) -> Result<Value> {
    let (class, usual) = match version {
        Version::Sd1 => ("PNDMScheduler", "epsilon"),
        Version::Sd2 => ("DDIMScheduler", "v_prediction"),
        Version::Xl => ("EulerDiscreteScheduler", "epsilon"),
    };
    // A tensor survives merging, while metadata may be inherited from another checkpoint.
    let is_marked = tensors.contains("v_pred");
    let mut keys = ["modelspec.prediction_type", "modelspec.predict_key"].into_iter();
    let told = keys.find_map(|key| Some((key, tensors.metadata(key)?)));
    let prediction = match (told, tensors.metadata("modelspec.architecture")) {
        _ if is_marked => "v_prediction",
        (Some((_, "epsilon")), _) | (None, Some("stable-diffusion-v2-512")) => "epsilon",
        (Some((_, "v" | "v_prediction")), _) => "v_prediction",
        (Some((key, value)), _) => {
            return Err(ExportError::Unsupported {
                path: tensors.origin().into(),
                key: key.into(),
                value: value.into(),
                supported: "epsilon, v".into(),
            });
        }
        (None, _) => usual,
    };
    let mut config = json!({
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
    });
    if version == Version::Xl {
        // Trained to zero terminal SNR, where the first step must start.
        let zero_snr = is_marked && tensors.contains("ztsnr");
        config["interpolation_type"] = json!("linear");
        config["rescale_betas_zero_snr"] = json!(zero_snr);
        config["timestep_spacing"] = json!(if zero_snr { "trailing" } else { "leading" });
        config["use_karras_sigmas"] = json!(false);
    }
    Ok(config)
}
