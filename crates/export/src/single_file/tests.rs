use std::io::Write;

use serde_json::{Map, json};
use tempfile::NamedTempFile;

use super::*;
use crate::{Checkpoint, Precision, common};

/// The configurations of Stable Diffusion 1.5, 2.1 and XL and, for each tensor in a single file, its shape
/// and the names that diffusers' converters give it.
fn published() -> [Value; 3] {
    let path = common::fixtures().join("reference/single_file.json");
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    ["1", "2", "xl"].map(|version| all[version].clone())
}

type Shapes = Vec<(String, Vec<usize>)>;

fn shapes(published: &Value) -> Shapes {
    let shape = |entry: &Value| serde_json::from_value(entry[0].clone()).unwrap();
    published["tensors"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, entry)| (name.clone(), shape(entry)))
        .collect()
}

/// Creates a sparse file of f16 zeros, and returns where each tensor begins.
fn file(shapes: &Shapes, metadata: Value) -> (NamedTempFile, Vec<usize>) {
    let mut header = Map::new();
    let (mut end, mut starts) = (0, Vec::new());
    for (name, shape) in shapes {
        let start = end;
        end += 2 * shape.iter().product::<usize>();
        header.insert(name.clone(), json!({ "dtype": "F16", "shape": shape, "data_offsets": [start, end] }));
        starts.push(start);
    }
    header.insert("__metadata__".to_owned(), metadata);
    let header = Value::from(header).to_string();
    let begin = 8 + header.len();
    let mut file = NamedTempFile::with_suffix(".safetensors").unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.as_file().set_len((begin + end) as u64).unwrap();
    (file, starts.into_iter().map(|start| begin + start).collect())
}

fn opened(shapes: &Shapes) -> Result<Parts> {
    open(file(shapes, json!({})).0.path())
}

fn refused(shapes: &Shapes) -> String {
    opened(shapes).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn published_checkpoints_have_the_names_and_the_architecture_that_diffusers_gives_them() {
    for published in published() {
        let shapes = shapes(&published);
        let (file, starts) = file(&shapes, json!({}));
        let parts = open(file.path()).unwrap();
        for ((name, shape), start) in shapes.iter().zip(starts) {
            let names: Vec<&str> = published["tensors"][name].as_array().unwrap()[1..]
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            let mut shape = shape.clone();
            if names.len() > 1 {
                shape[0] /= names.len();
            }
            let model = match name {
                _ if name.starts_with(UNET) => &parts.unet,
                _ if name.starts_with(VAE) => &parts.vae,
                _ if name.starts_with(XL_OPEN_CLIP) => &parts.text_encoders[1],
                _ => &parts.text_encoders[0],
            };
            for (part, key) in names.iter().enumerate() {
                // The one tensor that diffusers transposes.
                let key = if name.ends_with(".text_projection") { TEXT_PROJECTION } else { key };
                let weight = model.tensors.get(key, &shape, &shape).unwrap();
                let length = 2 * shape.iter().product::<usize>();
                assert_eq!(
                    (weight.offset(), weight.bytes().len()),
                    (start + part * length, length),
                    "{name}"
                );
            }
        }
        let mut models =
            vec![("unet", &parts.unet), ("vae", &parts.vae), ("text_encoder", &parts.text_encoders[0])];
        models.extend(parts.text_encoders.get(1).map(|second| ("text_encoder_2", second)));
        for (config, model) in models {
            for (key, value) in published[config].as_object().unwrap() {
                assert_eq!(model.config.get(key), Some(value), "{config}: {key}");
            }
        }
        // No tensor is missing, and each has the shape that the architecture requires.
        let checkpoint = Checkpoint::open(file.path()).unwrap();
        checkpoint.text_encoder_models(Precision::F16).unwrap();
        checkpoint.unet_model(Precision::F16).unwrap();
        checkpoint.vae_encoder_model(Precision::F16).unwrap();
        checkpoint.vae_decoder_model(Precision::F16).unwrap();
    }
}

#[test]
fn old_names_of_clip_and_open_clip_without_its_last_layer_are_known() {
    let [sd1, sd2, _] = published();
    let mut old = shapes(&sd1);
    for (name, _) in &mut old {
        *name = name.replace("transformer.text_model.", "transformer.");
    }
    let config = |shapes: &Shapes| opened(shapes).unwrap().text_encoders.remove(0).config.json;
    assert_eq!(config(&old), config(&shapes(&sd1)));
    let mut short = shapes(&sd2);
    short.retain(|(name, _)| !name.contains("resblocks.23."));
    assert_eq!(config(&short), config(&shapes(&sd2)));
}

#[test]
fn the_scheduler_is_the_published_one_and_what_a_file_says_of_its_prediction_counts() {
    for (published, fixture) in published().iter().zip(["sd1", "sd2", "xl"]) {
        let shapes = shapes(published);
        let scheduler = |metadata| open(file(&shapes, metadata).0.path()).unwrap().scheduler;
        let ours = scheduler(json!({}));
        let path = common::checkpoint(fixture).join("scheduler/scheduler_config.json");
        let theirs = ConfigFile::read(path).unwrap();
        for (key, value) in theirs.json.as_object().unwrap() {
            if !key.starts_with("_diffusers") {
                assert_eq!(ours.json.get(key).unwrap_or(&Value::Null), value, "{fixture}: {key}");
            }
        }
        let predicts = |metadata| scheduler(metadata).get("prediction_type").cloned();
        let said = |key: &str, value: &str| predicts(json!({ key: value }));
        assert_eq!(said("modelspec.prediction_type", "epsilon"), Some(json!("epsilon")));
        assert_eq!(said("modelspec.prediction_type", "v"), Some(json!("v_prediction")));
        assert_eq!(said("modelspec.prediction_type", "v_prediction"), Some(json!("v_prediction")));
        assert_eq!(said("modelspec.predict_key", "epsilon"), Some(json!("epsilon")));
        let unknown = open(file(&shapes, json!({ "modelspec.prediction_type": "flow" })).0.path());
        assert!(unknown.map(|_| ()).unwrap_err().to_string().contains("flow"));
        assert_eq!(said("modelspec.architecture", "stable-diffusion-v2-512"), Some(json!("epsilon")));
        let mut marked = shapes.clone();
        marked.push(("v_pred".to_owned(), vec![0]));
        assert_eq!(opened(&marked).unwrap().scheduler.get("prediction_type"), Some(&json!("v_prediction")));
        marked.push(("ztsnr".to_owned(), vec![0]));
        let rescaled = opened(&marked).unwrap().scheduler.get("rescale_betas_zero_snr") == Some(&json!(true));
        assert_eq!(rescaled, fixture == "xl");
    }
}

#[test]
fn the_size_that_a_file_says_it_was_trained_at_counts() {
    let [sd1, ..] = published();
    let size = |resolution: &str| {
        let (file, _) = file(&shapes(&sd1), json!({ "modelspec.resolution": resolution }));
        crate::Usual::of(file.path()).unwrap().size
    };
    assert_eq!(size("768x640"), Some((768, 640)));
    for nonsense in ["768", "0x0", "12x13", "x", "-8x8", "99999999999999999999x8"] {
        assert_eq!(size(nonsense), Some((512, 512)), "{nonsense}");
    }
}

#[test]
fn other_files_are_told_what_they_are() {
    let small =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), vec![1, 1])).collect::<Shapes>();
    let unet = "model.diffusion_model.input_blocks.0.0.weight";
    for (names, what) in [
        (&["lora_unet_down_blocks_0.lora_down.weight"][..], "a LoRA"),
        (
            &[unet, "first_stage_model.quant_conv.weight", "conditioner.embedders.0.model.ln_final.bias"],
            "built like",
        ),
        (&[unet, "edm_mean"], "Playground"),
        (&[unet, "edm_vpred.sigma_max"], "CosXL"),
        (&["control_model.input_blocks.0.0.weight"], "a ControlNet"),
        (&["model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight"], "no checkpoint"),
        (&[unet], "without its VAE"),
        (&[unet, "first_stage_model.quant_conv.weight"], "without its text encoder"),
    ] {
        assert!(refused(&small(names)).contains(what), "{}", refused(&small(names)));
    }
    let [sd1, ..] = published();
    let changed = |change: &dyn Fn(&mut Shapes)| {
        let mut shapes = shapes(&sd1);
        change(&mut shapes);
        refused(&shapes)
    };
    let with = |name: &'static str| changed(&move |shapes| shapes.push((name.to_owned(), vec![320])));
    for name in [
        "model.diffusion_model.label_emb.0.0.weight",
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.fuser.alpha_attn",
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.1.norm1.weight",
        "first_stage_model.decoder.up.4.block.0.conv1.bias",
    ] {
        let key = &name[name.rfind("model.").unwrap()..];
        assert!(with(name).contains(key.trim_start_matches("model.")), "{}", with(name));
    }
    let twice = "cond_stage_model.transformer.final_layer_norm.weight";
    assert!(with(twice).contains("final_layer_norm.weight` is there once more"), "{}", with(twice));
    let inpainting = changed(&|shapes| {
        shapes.iter_mut().filter(|(name, _)| name == unet).for_each(|(_, shape)| shape[1] = 9);
    });
    assert!(inpainting.contains("an inpainting UNet"), "{inpainting}");
    let [.., xl] = published();
    let mut without = shapes(&xl);
    without.retain(|(name, _)| !name.ends_with(".text_projection"));
    assert!(refused(&without).contains("text_projection"), "{}", refused(&without));
    let headless = changed(&|shapes| shapes.retain(|(name, _)| !name.contains("middle_block.1.")));
    assert!(headless.contains("is missing"), "{headless}");
}

#[test]
fn queries_keys_and_values_that_are_not_of_one_length_are_refused() {
    let [_, sd2, _] = published();
    let mut shapes = shapes(&sd2);
    let joint = shapes.iter_mut().find(|(name, _)| name.ends_with("resblocks.0.attn.in_proj_bias")).unwrap();
    joint.1 = vec![3 * 1024 + 1];
    let (file, _) = file(&shapes, json!({}));
    let refused = Checkpoint::open(file.path()).unwrap().text_encoder_models(Precision::F16);
    let refused = refused.map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("has shape [3073]"), "{refused}");
}

#[test]
fn the_vocabulary_is_that_of_the_published_checkpoints() {
    let read = |checkpoint: &str, name: &str| {
        std::fs::read_to_string(common::checkpoint(checkpoint).join("tokenizer").join(name)).unwrap()
    };
    let json =
        |checkpoint: &str, name: &str| -> Value { serde_json::from_str(&read(checkpoint, name)).unwrap() };
    for (version, checkpoints) in
        [(Version::Sd1, &["sd1"][..]), (Version::Sd2, &["sd2"]), (Version::Xl, &["sd1", "sd2"])]
    {
        let all = TokenizerFiles::of(version);
        assert_eq!(all.len(), checkpoints.len());
        for (files, checkpoint) in all.into_iter().zip(checkpoints) {
            assert_eq!(files.merges, read("sd1", "merges.txt"));
            assert_eq!(files.vocabulary, json("sd1", "vocab.json"));
            assert_eq!(files.special_tokens, json(checkpoint, "special_tokens_map.json"));
        }
    }
}
