//! A checkpoint in one `.safetensors` file, as in Stable Diffusion's own code and as artists share it.
//!
//! Nothing is converted: the tensors stay in place under diffusers' names ([`names`]); the configuration is
//! inferred from their shapes ([`architecture`]). CLIP's vocabulary, which such a file lacks, is included
//! here ([`tokenizer`]).

mod architecture;
pub(crate) mod names;
#[cfg(test)]
mod tests;
mod tokenizer;

use std::path::Path;

use serde_json::Value;

use crate::config::{ConfigFile, UNetConfig};
use crate::error::{ExportError, Result};
use crate::parts::{Part, Parts, Version};
use crate::weights::{TEXT_PROJECTION, Tensors};
pub use tokenizer::TokenizerFiles;

const UNET: &str = "model.diffusion_model.";
const VAE: &str = "first_stage_model.";
const CLIP: &str = "cond_stage_model.transformer.";
const OPEN_CLIP: &str = "cond_stage_model.model.";
const XL_CLIP: &str = "conditioner.embedders.0.transformer.";
const XL_OPEN_CLIP: &str = "conditioner.embedders.1.model.";

/// Maps a file and detects its version.
///
/// # Errors
/// A file that is damaged or not Stable Diffusion 1.x, 2.x or XL.
pub(crate) fn open(path: &Path) -> Result<Parts> {
    let all = Tensors::map(path.into(), [path.into()], "")?;
    let version = version(&all)?;
    let config = |json: Value| ConfigFile::new(path, json);
    let clip = |prefix| -> Result<Part> {
        let tensors = all.renamed(|key| Some([names::clip(key.strip_prefix(prefix)?)]))?;
        Ok(Part { config: config(architecture::clip(&tensors)?)?, tensors })
    };
    let open_clip = |prefix, layers| -> Result<Part> {
        let tensors = all.renamed(|key| Some(names::open_clip(key.strip_prefix(prefix)?)))?;
        Ok(Part { config: config(architecture::open_clip(&tensors, layers)?)?, tensors })
    };
    let text_encoders = match version {
        Version::Sd1 => vec![clip(CLIP)?],
        Version::Sd2 => vec![open_clip(OPEN_CLIP, architecture::SD2_OPEN_CLIP_LAYERS)?],
        Version::Xl => {
            all.shape_of(&format!("{XL_OPEN_CLIP}{TEXT_PROJECTION}"))?;
            vec![clip(XL_CLIP)?, open_clip(XL_OPEN_CLIP, usize::MAX)?]
        }
    };

    let unet = config(architecture::unet(&all, version)?)?;
    let layers = names::UNetLayers::of(&UNetConfig::parse(&unet)?);
    let name = |key: &str| names::unet(key, layers);
    all_named(&all, UNET, name)?;
    let tensors = all.renamed(|key| Some([name(key.strip_prefix(UNET)?)?]))?;
    let unet = Part { config: unet, tensors };

    let vae = config(architecture::vae(&all, version)?)?;
    let levels = vae.get("block_out_channels").and_then(Value::as_array).map_or(0, Vec::len);
    let name = |key: &str| names::vae(key, levels);
    for side in ["encoder.", "decoder."] {
        all_named(&all, &format!("{VAE}{side}"), |key| name(&format!("{side}{key}")))?;
    }
    let tensors = all.renamed(|key| Some([name(key.strip_prefix(VAE)?)?]))?;
    let vae = Part { config: vae, tensors };

    let scheduler = config(architecture::scheduler(&all, version)?)?;
    Ok(Parts {
        version: Some(version),
        force_zeros_for_empty_prompt: version == Version::Xl,
        text_encoders,
        unet,
        vae,
        scheduler,
    })
}

/// Rejects tensors outside the architecture built here: ignoring them would paint something else.
fn all_named(tensors: &Tensors, prefix: &str, name: impl Fn(&str) -> Option<String>) -> Result<()> {
    let is_unknown = |key: &&str| key.strip_prefix(prefix).is_some_and(|key| name(key).is_none());
    match tensors.keys().filter(is_unknown).min() {
        Some(key) => Err(other(tensors, &format!("a model with a tensor `{key}`"))),
        None => Ok(()),
    }
}

fn other(tensors: &Tensors, what: &str) -> ExportError {
    let what = format!("this is {what}; checkpoints of Stable Diffusion 1.x, 2.x and XL are supported");
    ExportError::Config { path: tensors.origin().into(), what }
}

/// Detects the version from the tensors' names.
fn version(tensors: &Tensors) -> Result<Version> {
    let has = |prefix: &str| tensors.keys().any(|key| key.starts_with(prefix));
    let input = format!("{UNET}input_blocks.0.0.weight");
    Err(other(
        tensors,
        match () {
            () if tensors.keys().any(|key| key.contains("lora_") || key.contains(".lora.")) => {
                "a LoRA, which changes a checkpoint and is none itself"
            }
            () if has("edm_vpred.sigma_max") => "CosXL, whose noise is another than Stable Diffusion XL's",
            () if has("edm_mean") => "Playground 2.5, whose latents are others than Stable Diffusion XL's",
            () if has("control_model.") || has("controlnet_") => "a ControlNet",
            () if !tensors.contains(&input) => "no checkpoint of Stable Diffusion in one file",
            () if tensors.shape(&input).is_some_and(|shape| shape.get(1) == Some(&9)) => "an inpainting UNet",
            () if !has(VAE) => "a UNet without its VAE",
            () if has(XL_CLIP) && has(XL_OPEN_CLIP) => return Ok(Version::Xl),
            () if has("conditioner.embedders.") => {
                "built like Stable Diffusion XL, but with other text encoders"
            }
            () if has(OPEN_CLIP) => return Ok(Version::Sd2),
            () if has(CLIP) => return Ok(Version::Sd1),
            () => "a UNet without its text encoder",
        },
    ))
}
