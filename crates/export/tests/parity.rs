//! The exported graphs against what torch computes with the same weights (fixtures/README.md).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Reference, assert_close, checkpoint, extracted, input, run, session, spelled_out, tolerance};
use export::{Checkpoint, Linked, Precision, Target};
use ort::session::Session;

const RUNS: [&str; 5] = ["sd1", "sd2", "shallow", "oblong", "xl"];

struct Exported {
    folder: tempfile::TempDir,
    checkpoint: Checkpoint,
    reference: Reference,
}

fn export(name: &str) -> Exported {
    let checkpoint = Checkpoint::open(checkpoint(name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    export::write(&checkpoint, folder.path(), Precision::F32, Linked::Copy).unwrap();
    Exported { folder, checkpoint, reference: Reference::read(name) }
}

impl Exported {
    fn session(&self, part: &str) -> Session {
        session(&self.folder.path().join(part).join("model.onnx"))
    }
}

#[test]
fn text_embeddings_are_those_of_transformers() {
    for name in RUNS {
        let exported = export(name);
        let recorded = &exported.reference;
        // Of Stable Diffusion XL two, whose embeddings lie side by side.
        let encoders: &[_] = match exported.checkpoint.is_xl() {
            false => &[("text_encoder", "ids")],
            true => &[("text_encoder", "ids"), ("text_encoder_2", "ids_2")],
        };
        let mut sessions: Vec<_> = encoders.iter().map(|(part, ids)| (exported.session(part), ids)).collect();
        let texts = recorded.names().into_iter().filter_map(|n| n.strip_prefix("ids.").map(str::to_owned));
        for text in texts {
            let what = format!("{name}: {text}");
            let (shape, expected) = recorded.f32s(&format!("text.{text}"));
            let mut start = 0;
            for (session, ids) in &mut sessions {
                let (_, ids) = recorded.i64s(&format!("{ids}.{text}"));
                let outputs = session.run(vec![input("input_ids", &[1, ids.len()], &ids)]).unwrap();
                let outputs: Vec<_> = outputs.values().map(|output| extracted(&output)).collect();
                let width = outputs[0].0[2];
                let rows = expected.chunks(shape[1]);
                let own = rows.flat_map(|row| &row[start..start + width]).copied().collect();
                assert_close(&what, &outputs[0], &(vec![1, shape[0], width], own), tolerance("text_encoder"));
                if let Some(whole) = outputs.get(1) {
                    let (shape, expected) = recorded.f32s(&format!("pooled.{text}"));
                    let expected = ([&[1], &shape[..]].concat(), expected);
                    assert_close(&what, whole, &expected, tolerance("text_encoder"));
                }
                start += width;
            }
            assert_eq!(start, shape[1], "{what}");
        }
    }
}

/// As the published configurations of Stable Diffusion XL have it, which are older than what looks for that token.
#[test]
fn where_no_end_of_text_is_configured_it_is_the_largest_token() {
    let copied = common::folder::Copied::of("xl");
    copied.set("text_encoder_2/config.json", "eos_token_id", serde_json::json!(2));
    let models = Checkpoint::open(copied.path()).unwrap().text_encoder_models(Precision::F32).unwrap();
    let (mut session, _) = spelled_out::session(&models[1]);
    let recorded = Reference::read("xl");
    let (_, ids) = recorded.i64s("ids_2.prompt");
    let outputs = session.run(vec![input("input_ids", &[1, ids.len()], &ids)]).unwrap();
    let (shape, expected) = recorded.f32s("pooled.prompt");
    let expected = ([&[1], &shape[..]].concat(), expected);
    assert_close("xl", &extracted(&outputs["text_embeds"]), &expected, tolerance("text_encoder"));
}

#[test]
fn unet_outputs_are_those_of_diffusers_with_and_without_modulation() {
    for name in RUNS {
        let exported = export(name);
        let mut session = exported.session("unet");
        for call in 0..3 {
            for (kind, modulate) in [("plain", [false]), ("modulated", [true])] {
                let found = unet(&mut session, &exported, call, &modulate);
                let expected = exported.reference.f32s(&format!("unet.{call}.{kind}"));
                assert_close(&format!("{name}: call {call} {kind}"), &found, &expected, tolerance("unet"));
            }
        }
    }
}

#[test]
fn pictures_become_the_latents_of_diffusers() {
    for name in RUNS {
        let Exported { folder, checkpoint, .. } = &export(name);
        let recorded = Reference::read(&format!("{name}_inpaint"));
        let (size, pixels) = recorded.u8s("image");
        let plane =
            |colour: usize| pixels.iter().skip(colour).step_by(3).map(|&v| f32::from(v) / 127.5 - 1.0);
        let planes: Vec<f32> = (0..3).flat_map(plane).collect();
        let (shape, latents) = recorded.f32s("image_latents");
        let expected: Vec<f32> = latents.iter().map(|value| value / checkpoint.vae.scaling_factor).collect();
        let target = Target { cuda: true, ..Precision::F32.into() };
        let (for_cuda, norms) = spelled_out::session(&checkpoint.vae_encoder_model(target).unwrap());
        assert!(norms > 0, "{name}");
        for mut session in [session(&folder.path().join("vae_encoder/model.onnx")), for_cuda] {
            let input = input("sample", &[1, 3, size[0], size[1]], &planes);
            let (moments, mut found) = run(&mut session, vec![input]);
            assert_eq!(moments, [1, 2 * shape[1], shape[2], shape[3]], "{name}");
            found.truncate(latents.len());
            assert_close(name, &(shape.clone(), found), &(shape.clone(), expected.clone()), tolerance("vae"));
        }
    }
}

#[test]
fn for_cuda_the_autoencoder_computes_the_same_with_that_providers_operators() {
    let target = Target { cuda: true, ..Precision::F32.into() };
    for name in RUNS {
        let exported = export(name);
        let (mut session, norms) =
            spelled_out::session(&exported.checkpoint.vae_decoder_model(target).unwrap());
        assert!(norms > 0, "{name}");
        let (shape, latents) = exported.reference.f32s("vae.latent_sample");
        let found = run(&mut session, vec![input("latent_sample", &shape, &latents)]);
        assert_close(name, &found, &exported.reference.f32s("vae.sample"), tolerance("vae"));
    }
}

#[test]
fn for_cuda_a_step_computes_the_same_modulated_as_far_as_its_strengths_say() {
    let target = Target { cuda: true, ..Precision::F32.into() };
    for name in RUNS {
        let exported = export(name);
        let model = exported.checkpoint.unet_model(target).unwrap();
        assert!(
            model.model.graph.iter().flat_map(|graph| &graph.node).all(|node| node.op_type != "If"),
            "{name}"
        );
        let (mut session, norms) = spelled_out::session(&model);
        assert!(norms > 0, "{name}");
        for (kind, modulated) in [("plain", [false]), ("modulated", [true])] {
            let found = unet(&mut session, &exported, 1, &modulated);
            let expected = exported.reference.f32s(&format!("unet.1.{kind}"));
            assert_close(&format!("{name}, {kind}"), &found, &expected, tolerance("unet"));
        }
    }
}

/// The model's output at a recorded call. Where there is no input `modulate`, the strengths are 0 and `modulated` says so.
fn unet(
    session: &mut Session,
    exported: &Exported,
    call: usize,
    modulate: &[bool; 1],
) -> (Vec<usize>, Vec<f32>) {
    let has_branches = session.inputs().iter().any(|input| input.name() == "modulate");
    let recorded = &exported.reference;
    let (sample_shape, sample) = recorded.f32s(&format!("unet.{call}.sample"));
    let (_, timestep) = recorded.f32s(&format!("unet.{call}.timestep"));
    let (text_shape, text) = recorded.f32s("unet.encoder_hidden_states");
    let (_, token_regions) = recorded.i32s("token_regions");
    let levels: Vec<_> = exported
        .checkpoint
        .unet
        .attention_levels()
        .into_iter()
        .map(|r| {
            let strength = |kind: &str| {
                let (shape, mut values) = recorded.f32s(&format!("unet.{call}.{kind}_strength_{r}"));
                if !has_branches && !modulate[0] {
                    values.fill(0.0);
                }
                (shape, values)
            };
            (r, recorded.i32s(&format!("pixel_regions_{r}")).1, strength("self"), strength("cross"))
        })
        .collect();
    let mut inputs = vec![
        input("sample", &sample_shape, &sample),
        input("timestep", &[1], &timestep),
        input("encoder_hidden_states", &text_shape, &text),
        input("token_regions", &[1, token_regions.len()], &token_regions),
    ];
    let added = ["text_embeds", "time_ids"].map(|name| (name, format!("unet.{name}")));
    let added = added.map(|(name, key)| recorded.names().contains(&key).then(|| (name, recorded.f32s(&key))));
    for (name, (shape, values)) in added.iter().flatten() {
        inputs.push(input(*name, shape, values));
    }
    if has_branches {
        inputs.push(input("modulate", &[], modulate));
    } else {
        let told = &modulate[usize::from(!modulate[0])..];
        inputs.push(input("modulated", &[told.len()], told));
    }
    for (r, pixels, (self_shape, self_strength), (cross_shape, cross_strength)) in &levels {
        inputs.push(input(format!("pixel_regions_{r}"), &[1, pixels.len()], pixels));
        inputs.push(input(format!("self_strength_{r}"), self_shape, self_strength));
        inputs.push(input(format!("cross_strength_{r}"), cross_shape, cross_strength));
    }
    run(session, inputs)
}

#[test]
fn the_autoencoder_of_stable_diffusion_xl_computes_in_f32_where_all_else_is_in_f16() {
    const FLOAT16: i64 = 10;
    let in_f16 = |name: &str| {
        let checkpoint = Checkpoint::open(checkpoint(name)).unwrap();
        let models = [checkpoint.vae_decoder_model(Precision::F16), checkpoint.unet_model(Precision::F16)];
        models.map(|model| {
            let graph = model.unwrap().model.graph.unwrap();
            graph
                .node
                .iter()
                .any(|node| node.attribute.iter().any(|it| it.name == "to" && it.i == Some(FLOAT16)))
        })
    };
    assert_eq!((in_f16("sd1"), in_f16("xl")), ([true, true], [false, true]));
}

#[test]
fn decoded_pictures_are_those_of_diffusers() {
    for name in RUNS {
        let exported = export(name);
        let (shape, latents) = exported.reference.f32s("vae.latent_sample");
        let found = run(&mut exported.session("vae_decoder"), vec![input("latent_sample", &shape, &latents)]);
        assert_close(name, &found, &exported.reference.f32s("vae.sample"), tolerance("vae"));
    }
}
