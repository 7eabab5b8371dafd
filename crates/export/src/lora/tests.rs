use std::path::Path;

use half::f16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::*;
use crate::{Checkpoint, Precision, common};

/// Returns the error for a LoRA of ones with these tensors, on the checkpoint `shallow`.
fn refused(tensors: &[(&str, &[usize])], metadata: &str) -> String {
    let file = write(tensors, f16::ONE, metadata);
    applied("shallow", file.path()).map(|_| ()).unwrap_err().to_string()
}

fn write(tensors: &[(&str, &[usize])], value: f16, metadata: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::with_suffix(".safetensors").unwrap();
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| value.to_le_bytes().repeat(shape.iter().product::<usize>()))
        .collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape), bytes)| (*name, TensorView::new(Dtype::F16, shape.to_vec(), bytes).unwrap()));
    let metadata = HashMap::from([("lora_adapter_metadata".to_owned(), metadata.to_owned())]);
    safetensors::serialize_to_file(views, Some(metadata), file.path()).unwrap();
    file
}

fn applied(checkpoint: &str, lora: &Path) -> Result<Checkpoint> {
    let lora = Lora { path: lora.into(), weight: 1.0 };
    Checkpoint::open(common::checkpoint(checkpoint)).unwrap().with_loras(&[lora])
}

const DOWN: &str = "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight";
const UP: &str = "lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight";

#[test]
fn other_files_and_loras_of_other_checkpoints_are_told_what_is_wrong() {
    let good: [(&str, &[usize]); 2] = [(DOWN, &[2, 24, 1, 1]), (UP, &[24, 2, 1, 1])];
    applied("shallow", write(&good, f16::ONE, "{}").path()).unwrap();
    for (change, parts) in [
        ((UP, &[24, 3, 1, 1][..]), &["lora_down.weight` has 2 rows", "3 columns"][..]),
        ((UP, &[32, 2, 1, 1]), &["[32, 24]", "[24, 24]", "proj_in`", "another Stable Diffusion"]),
        ((DOWN, &[2, 24, 3, 3]), &["[24, 216]", "[24, 24]"]),
        (("lora_unet_x.lora_down.weight", &[2, 24]), &["lora_unet_x.lora_up.weight"]),
        (("lora_unet_x.dora_scale", &[2]), &["a DoRA"]),
        (("lora_unet_x.hada_w1_a", &[2]), &["a LoHa"]),
        (("lora_unet_x.alpha", &[]), &["no LoRA", "lora_unet_x.alpha"]),
        (("lora_unet_x.lora_down.weight", &[0, usize::MAX, 2]), &["lora_unet_x.lora_up.weight"]),
        (("bundle_emb.x.clip_l", &[2, 2]), &["embeddings"]),
        (("emb_params", &[2]), &["no LoRA", "emb_params"]),
    ] {
        let kept = good.iter().filter(|(name, _)| *name != change.0).copied();
        let error = refused(&kept.chain([change]).collect::<Vec<_>>(), "{}");
        parts.iter().for_each(|part| assert!(error.contains(part), "{part} is not in: {error}"));
    }
    for module in [
        "lora_unet_input_blocks_9_1_proj_in",
        "lora_te2_mlp_fc1",
        "lora_te_text_model",
        "vae.x",
        "x",
        "lora_te_text_model_embeddings_token_embedding",
    ] {
        let names = ["down", "up"].map(|side| format!("{module}.lora_{side}.weight"));
        let error = refused(&[(&names[0], &[2, 24]), (&names[1], &[24, 2])], "{}");
        assert!(error.contains(&format!("`{module}` is not in this checkpoint")), "{error}");
    }
    assert!(refused(&[], "{}").contains("no tensors"));
    assert!(refused(&good, r#"{"unet.use_rslora": true}"#).contains("use_rslora"));
    assert!(refused(&good, "{").contains("not JSON"));
    let damaged = applied("shallow", write(&good, f16::NAN, "{}").path()).unwrap_err().to_string();
    assert!(damaged.contains("proj_in"), "{damaged}");
}

/// Each module has several names; the last is that of Stable Diffusion's own code.
#[test]
fn all_names_of_a_module_mean_one_weight() {
    let checkpoint = Checkpoint::open(common::checkpoint("xl")).unwrap();
    let names = Names::new((&checkpoint.unet, &checkpoint.unet_tensors), &checkpoint.text_encoder_tensors);
    for (modules, key) in [
        (
            &[
                "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_out.0",
                "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.processor.to_out",
                "lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_out_0",
                "lora_unet_input_blocks_3_1_transformer_blocks_1_attn2_to_out_0",
            ][..],
            "down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_out.0.weight",
        ),
        (
            &["lora_unet_up_blocks_0_resnets_1_conv2", "lora_unet_output_blocks_1_0_out_layers_3"],
            "up_blocks.0.resnets.1.conv2.weight",
        ),
        (
            &["lora_unet_mid_block_attentions_0_proj_in", "lora_unet_middle_block_1_proj_in"],
            "mid_block.attentions.0.proj_in.weight",
        ),
        (&["lora_unet_time_embedding_linear_2", "lora_unet_time_embed_2"], "time_embedding.linear_2.weight"),
        (&["lora_unet_add_embedding_linear_1", "lora_unet_label_emb_0_0"], "add_embedding.linear_1.weight"),
        (&["lora_unet_conv_in", "lora_unet_input_blocks_0_0"], "conv_in.weight"),
    ] {
        for module in modules {
            assert_eq!(names.find(module), Some((Model::UNet, key.to_owned())), "{module}");
        }
    }
    for (prefixes, number) in
        [(["lora_te1_text_model_", "text_encoder.text_model."], 0), (["lora_te2_text_model_", "clip_g."], 1)]
    {
        for prefix in prefixes {
            let found = names.find(&format!("{prefix}encoder.layers.1.mlp.fc2"));
            let key = "text_model.encoder.layers.1.mlp.fc2.weight";
            assert_eq!(found, Some((Model::TextEncoder(number), key.to_owned())), "{prefix}");
        }
    }
}

#[test]
fn older_names_of_text_encoders_and_the_projection_of_a_checkpoint_in_one_file_are_found() {
    let find = |checkpoint: &str, module: &str| {
        let checkpoint = Checkpoint::open(common::checkpoint(checkpoint)).unwrap();
        let names =
            Names::new((&checkpoint.unet, &checkpoint.unet_tensors), &checkpoint.text_encoder_tensors);
        names.find(module).unwrap_or_else(|| panic!("{module}"))
    };
    let old = find("sd1", "text_encoder.text_model.encoder.layers.0.self_attn.to_out");
    assert_eq!(old.1, "text_model.encoder.layers.0.self_attn.out_proj.weight");
    let folder = find("xl", "lora_te2_text_projection");
    assert_eq!(folder, (Model::TextEncoder(1), "text_projection.weight".to_owned()));
    let file = find("single_xl.safetensors", "lora_te2_text_projection");
    assert_eq!(file, (Model::TextEncoder(1), TEXT_PROJECTION.to_owned()));
    // Cut out of the joint tensor of queries, keys and values.
    let joint = find("single_xl.safetensors", "lora_te2_text_model_encoder_layers_1_self_attn_k_proj");
    assert_eq!(joint.1, "text_model.encoder.layers.1.self_attn.k_proj.weight");
}

#[test]
fn loras_of_one_name_lie_beside_each_other_where_a_checkpoint_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = common::fixtures().join("loras/kohya.safetensors");
    let copy = folder.path().join("kohya.safetensors");
    std::fs::copy(&fixture, &copy).unwrap();
    let loras = [fixture, copy].map(|path| Lora { path, weight: 0.5 });
    let checkpoint = Checkpoint::open(common::checkpoint("shallow")).unwrap().with_loras(&loras).unwrap();
    let out = folder.path().join("out");
    crate::write(&checkpoint, &out, Precision::F32, crate::Linked::Copy).unwrap();
    for part in ["unet", "text_encoder"] {
        for number in 0..2 {
            assert!(out.join(part).join(format!("lora_{number}.kohya.safetensors")).is_file(), "{part}");
        }
        common::session(&out.join(part).join("model.onnx"));
    }
}
