//! The safety checker against what diffusers computes with the same weights (fixtures/README.md).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::folder::{Copied, with_safety_checker};
use common::{Reference, assert_close, input, session, tolerance};
use export::{Checkpoint, Linked, Precision, write};
use safetensors::SafeTensors;
use serde_json::{Value, json};

/// Tensors with their shapes.
type Found = (Vec<usize>, Vec<f32>);

/// `concept_scores` and `image_embeds` of the recorded pictures, by the written graph.
fn computed(copied: &Copied, precision: Precision) -> [Found; 2] {
    let out = tempfile::tempdir().unwrap();
    let checkpoint = Checkpoint::open(copied.path()).unwrap();
    let written = write(&checkpoint, out.path(), precision, Linked::Copy).unwrap();
    assert_eq!(written.models.len(), 5);
    assert!(out.path().join("feature_extractor/preprocessor_config.json").is_file());
    let mut session = session(&out.path().join("safety_checker/model.onnx"));
    let (shape, pixels) = Reference::read("safety").f32s("clip_input");
    let outputs = session.run(vec![input("clip_input", &shape, &pixels)]).unwrap();
    ["concept_scores", "image_embeds"].map(|name| {
        let (shape, values) = outputs[name].try_extract_tensor::<f32>().unwrap();
        (shape.iter().map(|&d| d as usize).collect(), values.to_vec())
    })
}

fn assert_as_recorded(copied: &Copied) {
    let recorded = Reference::read("safety");
    let [scores, embeds] = computed(copied, Precision::F32);
    assert_close("embeds", &embeds, &recorded.f32s("image_embeds"), tolerance("safety_checker"));
    // Rounded to 3 digits here and there: the next of these is as near as rounding can tell.
    let digit = 0.001 + f32::EPSILON;
    assert_close("scores", &scores, &recorded.f32s("concept_scores"), digit);
    assert_eq!(flags(&scores), [false, true, true, false]);
}

fn flags(scores: &Found) -> Vec<bool> {
    scores.1.chunks_exact(scores.0[1]).map(|scores| scores.iter().any(|score| *score > 0.0)).collect()
}

#[test]
fn embeds_scores_and_decisions_are_those_of_diffusers() {
    assert_as_recorded(&with_safety_checker());
}

#[test]
fn the_decisions_in_half_precision_are_the_same() {
    let [scores, _] = computed(&with_safety_checker(), Precision::F16);
    assert_eq!(flags(&scores), [false, true, true, false]);
}

/// transformers 5 writes the vision model's keys with `vision_model.` once.
#[test]
fn keys_as_transformers_5_writes_them_are_read() {
    let copied = with_safety_checker();
    copied.edit("safety_checker/model.safetensors", |bytes| {
        let tensors = SafeTensors::deserialize(bytes).unwrap();
        let renamed = tensors
            .iter()
            .map(|(key, view)| (key.replace("vision_model.vision_model", "vision_model"), view));
        let renamed = safetensors::serialize(renamed, None).unwrap();
        *bytes = renamed;
    });
    assert_as_recorded(&copied);
}

/// What opening the safety checker and building its graph says, in one line.
fn error(copied: &Copied) -> String {
    let checker = Checkpoint::open(copied.path()).unwrap().safety_checker();
    let built = checker.and_then(|checker| checker.unwrap().model(Precision::F32));
    let error = built.expect_err("it is spoilt").to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn what_is_not_supported_is_named_by_file_key_and_value() {
    let cases: [(&str, Value); 7] = [
        ("hidden_act", json!("relu")),
        ("num_channels", json!(4)),
        ("model_type", json!("siglip_vision_model")),
        ("num_hidden_layers", json!(0)),
        ("num_attention_heads", json!(5)),
        ("patch_size", json!(64)),
        ("image_size", json!("large")),
    ];
    for (key, value) in cases {
        let copied = with_safety_checker();
        copied.edit("safety_checker/config.json", |bytes| {
            let mut config: Value = serde_json::from_slice(bytes).unwrap();
            config["vision_config"][key] = value.clone();
            *bytes = config.to_string().into_bytes();
        });
        let error = error(&copied);
        for part in ["safety_checker/config.json", key, &value.to_string()] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
    }
}

#[test]
fn a_safety_checker_of_another_kind_or_without_safetensors_is_told() {
    let copied = with_safety_checker();
    copied.set("model_index.json", "safety_checker", json!(["deepfloyd_if", "IFSafetyChecker"]));
    assert!(error(&copied).contains("IFSafetyChecker"));

    let copied = with_safety_checker();
    let weights = copied.file("safety_checker/model.safetensors");
    fs::rename(&weights, copied.file("safety_checker/pytorch_model.bin")).unwrap();
    let error = error(&copied);
    assert!(error.contains("safety_checker") && error.contains("converted to safetensors"), "{error}");
}

#[test]
fn a_checkpoint_has_none_without_the_folder_or_where_the_index_says_so() {
    let has_one =
        |copied: &Copied| Checkpoint::open(copied.path()).unwrap().safety_checker().unwrap().is_some();
    let copied = with_safety_checker();
    assert!(has_one(&copied));
    copied.set("model_index.json", "safety_checker", json!([null, null]));
    assert!(!has_one(&copied));

    let copied = with_safety_checker();
    fs::remove_dir_all(copied.file("safety_checker")).unwrap();
    assert!(!has_one(&copied), "listed, but left out");
}

#[test]
fn a_weight_that_is_not_finite_is_found() {
    let copied = with_safety_checker();
    copied.edit("safety_checker/model.safetensors", |bytes| {
        let end = bytes.len();
        bytes[end - 2..].copy_from_slice(&0x7e00_u16.to_le_bytes());
    });
    let error = Checkpoint::open(copied.path()).unwrap().check_finite().unwrap_err().to_string();
    assert!(error.contains("safety_checker/model.safetensors") && error.contains("NaN"), "{error}");
}
