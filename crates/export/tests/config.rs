//! Configurations that ask for what is not built here: file, key and value are named.

mod common;

use common::folder::Copied;
use serde_json::{Value, json};

#[test]
fn what_is_not_supported_is_named_by_file_key_and_value() {
    let cases: [(&str, &str, Value); 14] = [
        ("unet/config.json", "class_embed_type", json!("timestep")),
        ("unet/config.json", "addition_embed_type", json!("image_hint")),
        ("unet/config.json", "dual_cross_attention", json!(true)),
        ("unet/config.json", "encoder_hid_dim", json!(1280)),
        ("unet/config.json", "time_cond_proj_dim", json!(256)),
        ("unet/config.json", "resnet_time_scale_shift", json!("scale_shift")),
        ("unet/config.json", "mid_block_type", json!("UNetMidBlock2DSimpleCrossAttn")),
        ("unet/config.json", "conv_in_kernel", json!(1)),
        ("unet/config.json", "only_cross_attention", json!([true, false])),
        ("unet/config.json", "downsample_padding", json!(0)),
        ("vae/config.json", "_class_name", json!("AutoencoderTiny")),
        ("vae/config.json", "shift_factor", json!(0.3)),
        ("text_encoder/config.json", "model_type", json!("t5")),
        ("model_index.json", "unet", json!(["diffusers", "UNet3DConditionModel"])),
    ];
    for (file, key, value) in cases {
        let copied = Copied::of("shallow");
        copied.set(file, key, value.clone());
        let error = copied.error();
        let shown = if file == "model_index.json" { json!("UNet3DConditionModel") } else { value };
        for part in [file, key, &shown.to_string()] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
    }
}

#[test]
fn an_unknown_block_type_is_named_with_those_that_are_known() {
    let copied = Copied::of("shallow");
    copied.set("unet/config.json", "down_block_types", json!(["AttnDownBlock2D", "DownBlock2D"]));
    let error = copied.error();
    assert!(error.contains("\"AttnDownBlock2D\"") && error.contains("CrossAttnDownBlock2D"), "{error}");
}

#[test]
fn numbers_that_make_no_model_are_refused() {
    for (key, value) in [
        ("attention_head_dim", json!(0)),
        ("attention_head_dim", json!([2, 2, 2])),
        ("attention_head_dim", json!(7)),
        ("block_out_channels", json!([])),
        ("block_out_channels", json!([24, 41])),
        ("block_out_channels", json!(-3)),
        ("norm_num_groups", json!(null)),
        ("attention_head_dim", json!(null)),
        ("norm_num_groups", json!(5)),
        ("layers_per_block", json!("two")),
        ("cross_attention_dim", json!(1024)),
        ("in_channels", json!(9)),
        ("up_block_types", json!(["UpBlock2D"])),
    ] {
        let copied = Copied::of("shallow");
        copied.set("unet/config.json", key, value.clone());
        let error = copied.error();
        assert!(error.contains("unet/config.json") && error.contains(key), "{key} = {value}: {error}");
    }
}

#[test]
fn a_file_that_is_no_json_is_named() {
    let copied = Copied::of("shallow");
    copied.edit("vae/config.json", |bytes| bytes.truncate(bytes.len() / 2));
    let error = copied.error();
    assert!(error.contains("vae/config.json") && error.contains("not JSON"), "{error}");
}

#[test]
fn keys_that_do_not_change_the_computation_are_ignored() {
    let copied = Copied::of("shallow");
    copied.set("unet/config.json", "some_new_key", json!({"a": 1}));
    copied.set("unet/config.json", "dropout", json!(0.1));
    copied.set("vae/config.json", "force_upcast", json!(false));
    common::folder::build(copied.path()).unwrap();
}

#[test]
fn what_does_not_fit_together_in_stable_diffusion_xl_is_told_by_name() {
    for (file, key, value, parts) in [
        ("text_encoder_2/config.json", "projection_dim", json!(24), ["leaves 20", "projection_dim = 24"]),
        (
            "text_encoder_2/config.json",
            "vocab_size",
            json!(771),
            ["different vocab_size", "unet/config.json"],
        ),
        (
            "unet/config.json",
            "addition_embed_type",
            json!(null),
            ["second text encoder", "no addition_embed_type"],
        ),
        ("unet/config.json", "addition_time_embed_dim", json!(7), ["addition_time_embed_dim", "even"]),
        ("unet/config.json", "addition_time_embed_dim", json!(12), ["addition_time_embed_dim", "six times"]),
        (
            "unet/config.json",
            "cross_attention_dim",
            json!(16),
            ["cross_attention_dim = 16", "hidden_size = 40"],
        ),
        (
            "model_index.json",
            "text_encoder_2",
            json!(["transformers", "T5EncoderModel"]),
            ["T5EncoderModel", "none"],
        ),
        ("model_index.json", "text_encoder_2", json!(null), ["text_time", "no second text encoder"]),
    ] {
        let copied = Copied::of("xl");
        copied.set(file, key, value);
        let error = copied.error();
        parts.iter().for_each(|part| assert!(error.contains(part), "{part} is not in: {error}"));
    }
}

#[test]
fn a_null_in_the_place_of_false_is_read_as_diffusers_does() {
    let copied = Copied::of("xl");
    copied.set("unet/config.json", "upcast_attention", json!(null));
    copied.set("vae/config.json", "force_upcast", json!(null));
    assert!(!common::folder::build(copied.path()).unwrap().vae.force_upcast);
}
