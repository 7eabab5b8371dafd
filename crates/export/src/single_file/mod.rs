//! A checkpoint in one `.safetensors` file, as Stable Diffusion's own code writes it and most programs for artists exchange it.
//!
//! Nothing is converted: the tensors stay where they are and are only called as diffusers calls them ([`names`]); the
//! configuration follows from their shapes ([`architecture`]). CLIP's vocabulary, which such a file does not have, is here
//! ([`tokenizer`]).

mod architecture;
mod names;
mod tokenizer;

use std::path::Path;

use serde_json::Value;

use crate::checkpoint::{Part, Parts};
use crate::config::ConfigFile;
use crate::error::{ExportError, Result};
use crate::weights::Tensors;
pub use tokenizer::TokenizerFiles;

const UNET: &str = "model.diffusion_model.";
const VAE: &str = "first_stage_model.";
const TEXT_1: &str = "cond_stage_model.transformer.";
const TEXT_2: &str = "cond_stage_model.model.";

/// Which Stable Diffusion a checkpoint in one file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// 1.x, with CLIP's text encoder.
    One,
    /// 2.x, with OpenCLIP's.
    Two,
}

/// Maps a file and finds out what it is.
///
/// # Errors
/// What is damaged or no Stable Diffusion 1.x or 2.x.
pub(crate) fn open(path: &Path) -> Result<Parts> {
    let all = Tensors::map(path.into(), [path.into()])?;
    let family = family(&all)?;
    let config = |json: Value| ConfigFile::new(path, json);
    let text_encoder = Part {
        config: config(architecture::text_encoder(&all, family)?)?,
        tensors: match family {
            Family::One => all.renamed(|key| Some([names::clip(key.strip_prefix(TEXT_1)?)])),
            Family::Two => all.renamed(|key| Some(names::open_clip(key.strip_prefix(TEXT_2)?))),
        },
    };
    let unet = config(architecture::unet(&all, family)?)?;
    let layers = unet.size("layers_per_block", 1)?;
    let unet = Part {
        config: unet,
        tensors: all.renamed(|key| Some([names::unet(key.strip_prefix(UNET)?, layers)?])),
    };
    let vae = config(architecture::vae(&all)?)?;
    let levels = vae.get("block_out_channels").and_then(Value::as_array).map_or(0, Vec::len);
    let vae =
        Part { config: vae, tensors: all.renamed(|key| Some([names::vae(key.strip_prefix(VAE)?, levels)?])) };
    let scheduler = config(architecture::scheduler(family))?;
    Ok(Parts { family: Some(family), text_encoder, unet, vae, scheduler })
}

/// Which family the tensors are of, told by their names.
fn family(tensors: &Tensors) -> Result<Family> {
    let has = |part: &str| tensors.keys().any(|key| key.contains(part));
    let other = |what: &str| {
        let what = format!("this is {what}; checkpoints of Stable Diffusion 1.x and 2.x are supported");
        Err(ExportError::Config { path: tensors.origin().into(), what })
    };
    match () {
        () if has("lora_") || has(".lora.") => other("a LoRA, which changes a checkpoint and is none itself"),
        () if has("conditioner.embedders.") => other("Stable Diffusion XL"),
        () if has("control_model.") || has("controlnet_") => other("a ControlNet"),
        () if !has(UNET) => other("no checkpoint of Stable Diffusion in one file"),
        () if has(TEXT_2) => Ok(Family::Two),
        () if has(TEXT_1) => Ok(Family::One),
        () => other("a UNet without its text encoder"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;

    use serde_json::{Map, json};
    use tempfile::NamedTempFile;

    use super::*;

    /// What diffusers makes of the tensors of all published checkpoints: for each family its configuration and, for each
    /// tensor in a file, its shape and diffusers' names.
    fn published() -> Value {
        let path = crate::common::fixtures().join("reference/single_file.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// A file of f16 tensors of these shapes, zeros that take no space, and where each begins.
    fn file(shapes: &[(String, Vec<usize>)]) -> (NamedTempFile, Vec<usize>) {
        let mut header = Map::new();
        let (mut end, mut starts) = (0, Vec::new());
        for (name, shape) in shapes {
            let start = end;
            end += 2 * shape.iter().product::<usize>();
            header.insert(
                name.clone(),
                json!({ "dtype": "F16", "shape": shape, "data_offsets": [start, end] }),
            );
            starts.push(start);
        }
        let header = Value::from(header).to_string();
        let begin = 8 + header.len();
        let mut file = NamedTempFile::with_suffix(".safetensors").unwrap();
        file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.as_file().set_len((begin + end) as u64).unwrap();
        (file, starts.into_iter().map(|start| begin + start).collect())
    }

    #[test]
    fn published_checkpoints_have_the_names_and_the_architecture_that_diffusers_gives_them() {
        for family in published().as_object().unwrap().values() {
            let listed = family["tensors"].as_object().unwrap();
            let shape = |entry: &Value| serde_json::from_value::<Vec<usize>>(entry[0].clone()).unwrap();
            let shapes: Vec<_> = listed.iter().map(|(name, entry)| (name.clone(), shape(entry))).collect();
            let (file, starts) = file(&shapes);
            let parts = open(file.path()).unwrap();
            for ((name, shape), start) in shapes.iter().zip(starts) {
                let names: Vec<&str> =
                    listed[name].as_array().unwrap()[1..].iter().map(|name| name.as_str().unwrap()).collect();
                let mut part_of = shape.clone();
                if names.len() > 1 {
                    part_of[0] /= names.len();
                }
                for (key, part) in names.iter().zip(0..) {
                    let model = match name {
                        _ if name.starts_with(UNET) => &parts.unet,
                        _ if name.starts_with(VAE) => &parts.vae,
                        _ => &parts.text_encoder,
                    };
                    let weight = model.tensors.get(key, &part_of, &part_of).unwrap();
                    let length = 2 * part_of.iter().product::<usize>();
                    assert_eq!(
                        (weight.offset(), weight.bytes().len()),
                        (start + part * length, length),
                        "{name}"
                    );
                }
            }
            for (config, part) in
                [("unet", &parts.unet), ("vae", &parts.vae), ("text_encoder", &parts.text_encoder)]
            {
                for (key, value) in family[config].as_object().unwrap() {
                    assert_eq!(part.config.get(key), Some(value), "{config}: {key}");
                }
            }
            let checkpoint = crate::Checkpoint::open(file.path()).unwrap();
            checkpoint.unet_model(crate::Precision::F16).unwrap();
            checkpoint.vae_encoder_model(crate::Precision::F16).unwrap();
            checkpoint.vae_decoder_model(crate::Precision::F16).unwrap();
            checkpoint.text_encoder_model(crate::Precision::F16).unwrap();
        }
    }

    #[test]
    fn other_files_are_told_what_they_are() {
        let refused = |names: &[&str]| {
            let shapes: Vec<_> = names.iter().map(|name| ((*name).to_owned(), vec![1, 1])).collect();
            open(file(&shapes).0.path()).map(|_| ()).unwrap_err().to_string()
        };
        let unet = "model.diffusion_model.input_blocks.0.0.weight";
        let xl = "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias";
        for (names, what) in [
            (&["lora_unet_down_blocks_0.lora_down.weight"][..], "a LoRA"),
            (&[unet, xl], "Stable Diffusion XL"),
            (&["control_model.input_blocks.0.0.weight"], "a ControlNet"),
            (&["double_blocks.0.img_attn.qkv.weight"], "no checkpoint"),
            (&[unet], "without its text encoder"),
            (&[unet, "cond_stage_model.transformer.text_model.final_layer_norm.bias"], "is missing"),
        ] {
            assert!(refused(names).contains(what), "{}", refused(names));
        }
    }

    #[test]
    fn the_vocabulary_is_that_of_the_published_checkpoints() {
        let folder: PathBuf = crate::common::fixtures().join("checkpoints/sd1/tokenizer");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let files = TokenizerFiles::of(Family::One);
        let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
        assert_eq!(files.merges, read("merges.txt"));
        assert_eq!(files.vocabulary, json("vocab.json"));
        assert_eq!(files.special_tokens, json("special_tokens_map.json"));
        assert_eq!(TokenizerFiles::of(Family::Two).special_tokens["pad_token"], "!");
    }
}
