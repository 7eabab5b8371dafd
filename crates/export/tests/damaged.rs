//! Checkpoints that are damaged or incomplete: one clear line each, before anything runs.

mod common;

use common::folder::{Copied, build};
use safetensors::SafeTensors;

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";
const CONFIG: &str = "unet/config.json";

#[test]
fn a_truncated_file_is_named_with_what_it_holds() {
    let copied = Copied::of("shallow");
    copied.edit(UNET, |bytes| bytes.truncate(bytes.len() - 1000));
    let error = copied.error();
    assert!(error.contains(UNET) && error.contains("announces more or less"), "{error}");
    copied.edit(UNET, |bytes| bytes.truncate(100));
    let error = copied.error();
    assert!(error.contains(UNET) && error.contains("100 bytes"), "{error}");
    copied.edit(UNET, Vec::clear);
    assert!(copied.error().contains(UNET));
}

#[test]
fn no_flipped_bit_in_a_header_panics_or_passes_for_another_model() {
    let copied = Copied::of("shallow");
    let original = std::fs::read(copied.file(UNET)).unwrap();
    let header = 8 + u64::from_le_bytes(original[..8].try_into().unwrap()) as usize;
    let mut refused = 0;
    for position in (0..header).step_by(37) {
        let bit = position % 8;
        copied.edit(UNET, |bytes| {
            bytes.clone_from(&original);
            bytes[position] ^= 1 << bit;
        });
        match build(copied.path()) {
            // A letter of the metadata, which nobody reads.
            Ok(_) => assert!(position < 64, "bit {bit} of byte {position} made no difference"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("diffusion_pytorch_model"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "only {refused} were refused");
}

#[test]
fn a_header_longer_than_the_file_is_refused_without_reading_it() {
    let copied = Copied::of("shallow");
    copied.edit(UNET, |bytes| bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes()));
    let error = copied.error();
    assert!(error.contains(UNET) && error.contains("damaged"), "{error}");
}

#[test]
fn a_missing_tensor_is_named() {
    let copied = Copied::of("shallow");
    let key = "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight";
    copied.edit(UNET, |bytes| {
        let tensors = SafeTensors::deserialize(bytes).unwrap();
        let kept: Vec<_> = tensors.tensors().into_iter().filter(|(name, _)| name != key).collect();
        *bytes = safetensors::serialize(kept, None).unwrap();
    });
    let error = copied.error();
    assert!(error.contains(key) && error.contains("missing") && error.contains(UNET), "{error}");
}

#[test]
fn a_configuration_that_lies_is_found_before_anything_runs() {
    let copied = Copied::of("shallow");
    copied.set(CONFIG, "block_out_channels", serde_json::json!([24, 48]));
    let error = copied.error();
    assert!(error.contains("[48]") || error.contains("[48, "), "the expected shape: {error}");
    assert!(error.contains("40"), "the found shape: {error}");

    let copied = Copied::of("shallow");
    copied.set(CONFIG, "layers_per_block", serde_json::json!(2));
    assert!(copied.error().contains("down_blocks.0.resnets.1.norm1.weight"));
}

#[test]
fn weights_that_are_not_finite_are_found_by_tensor() {
    for (name, nan) in [("sd1", 0x7e00u16), ("shallow", 0x7fc0)] {
        let file = if name == "sd1" { "unet/diffusion_pytorch_model.fp16.safetensors" } else { UNET };
        let copied = Copied::of(name);
        build(copied.path()).unwrap().check_finite().unwrap();
        copied.edit(file, |bytes| {
            let end = bytes.len();
            bytes[end - 2..].copy_from_slice(&nan.to_le_bytes());
        });
        let error = build(copied.path()).unwrap().check_finite().unwrap_err().to_string();
        assert!(error.contains(file) && error.contains("NaN"), "{error}");
    }
}

#[test]
fn missing_parts_are_named_with_what_was_expected() {
    let copied = Copied::of("shallow");
    std::fs::rename(copied.file(UNET), copied.file("unet/diffusion_pytorch_model.bin")).unwrap();
    let error = copied.error();
    assert!(error.contains("diffusion_pytorch_model.safetensors") && error.contains(".bin"), "{error}");

    let copied = Copied::of("sd2");
    let shard = "unet/diffusion_pytorch_model-00002-of-00003.safetensors";
    std::fs::remove_file(copied.file(shard)).unwrap();
    assert!(copied.error().contains(shard));

    let empty = tempfile::tempdir().unwrap();
    let error = build(empty.path()).unwrap_err().to_string();
    assert!(error.contains("model_index.json") && error.contains("diffusers"), "{error}");
}
