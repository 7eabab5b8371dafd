//! Sessions on weights in place, and on graphs that were kept.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use diffusion::Lora;
use diffusion::session::{SessionOptions, load};
use export::{Checkpoint, ExportedModel, Precision};
use onnx::{Message, ModelProto};
use ort::value::TensorRef;

#[path = "../../../fixtures/copies.rs"]
#[allow(dead_code, reason = "shared by the tests of all crates")]
mod copies;

fn checkpoint(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints").join(name)
}

fn encode(model: &ExportedModel, options: &SessionOptions) -> Vec<f32> {
    let mut session = load(model, options).expect("the session");
    let ids: Vec<i64> = (0..77).collect();
    let ids = TensorRef::from_array_view(([1usize, 77], &*ids)).expect("the ids");
    let outputs = session.run(ort::inputs!["input_ids" => ids]).expect("a run");
    outputs[0].try_extract_tensor::<f32>().expect("the embeddings").1.to_vec()
}

#[test]
fn a_graph_that_onnx_runtime_refuses_is_named_in_one_line() {
    let checkpoint = Checkpoint::open(checkpoint("shallow")).unwrap();
    let mut model = checkpoint.vae_decoder_model(Precision::F32).unwrap();
    model.model.graph.as_mut().unwrap().node[0].op_type = "NoSuchOperator".into();
    let error = load(&model, &SessionOptions::default()).unwrap_err().to_string();
    assert!(error.contains("vae decoder") && error.contains("NoSuchOperator"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn a_session_for_cuda_is_never_one_on_the_cpu() {
    let model = Checkpoint::open(checkpoint("shallow"))
        .unwrap()
        .text_encoder_models(Precision::F32)
        .unwrap()
        .remove(0);
    let options = SessionOptions { cuda: Some(0), ..SessionOptions::default() };
    // Without the provider or a card there is no session; where there is one, there are both.
    match load(&model, &options) {
        Ok(_) => assert!(diffusion::Device::Cuda(0).explain().is_ok()),
        Err(error) => assert!(error.to_string().to_lowercase().contains("cuda"), "{error}"),
    }
}

/// What the text encoder of a checkpoint says, its graph kept in `cache`.
fn encode_through(cache: &Path, folder: &Path) -> Vec<f32> {
    let model = Checkpoint::open(folder).unwrap().text_encoder_models(Precision::F32).unwrap().remove(0);
    encode(&model, &SessionOptions { graph_cache: Some(cache.into()), ..Default::default() })
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_kept_graph_computes_the_same_and_takes_the_place_of_the_checkpoints() {
    let cache = tempfile::tempdir().unwrap();
    let (first, second) = (cache.path().join("first"), cache.path().join("second"));
    // One is stored in half precision.
    for (name, cache) in [("sd1", &first), ("sd2", &second)] {
        let model = Checkpoint::open(checkpoint(name))
            .unwrap()
            .text_encoder_models(Precision::F32)
            .unwrap()
            .remove(0);
        let made = encode(&model, &SessionOptions::default());
        for start in ["making", "keeping"] {
            assert_eq!(encode_through(cache, &checkpoint(name)), made, "{name}, {start}");
        }
        assert_eq!(entries(cache).len(), 1, "{name}: one entry, no draft");
    }
    // Another's graph in its place is what runs.
    let (kept, other) = (entries(&first).remove(0), entries(&second).remove(0));
    for file in ["graph.onnx", "weights.bin"] {
        std::fs::copy(other.join(file), kept.join(file)).unwrap();
    }
    assert_eq!(encode_through(&first, &checkpoint("sd1")), encode_through(&second, &checkpoint("sd2")));
}

#[test]
fn a_lora_is_part_of_the_weights_once_the_graph_is_loaded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/loras/kohya.safetensors");
    let lora = Lora { path, weight: 0.8 };
    let kept = |loras: &[Lora]| {
        let cache = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::open(checkpoint("shallow")).unwrap().with_loras(loras).unwrap();
        let options = SessionOptions { graph_cache: Some(cache.path().into()), ..Default::default() };
        load(&checkpoint.unet_model(Precision::F32).unwrap(), &options).unwrap();
        let graph = std::fs::read(entries(cache.path())[0].join("graph.onnx")).unwrap();
        let graph = ModelProto::decode(&*graph).unwrap().graph.unwrap();
        let mut operators: Vec<_> = graph.node.into_iter().map(|node| node.op_type).collect();
        operators.sort();
        operators
    };
    assert_eq!(kept(&[lora]), kept(&[]), "steps have the same work");
}

#[test]
fn a_kept_graph_that_is_damaged_or_of_other_weights_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (model, cache) = (folder.path().join("model"), folder.path().join("cache"));
    copies::copy(&checkpoint("sd1"), &model);
    let made = encode_through(&cache, &model);
    for file in ["graph.onnx", "weights.bin"] {
        std::fs::write(entries(&cache)[0].join(file), "half of").unwrap();
        assert_eq!(encode_through(&cache, &model), made, "{file}");
    }
    let weights = Checkpoint::open(&model).unwrap().text_encoder_models(Precision::F32).unwrap()[0].files()
        [0]
    .path()
    .to_owned();
    let mut bytes = std::fs::read(&weights).unwrap();
    let end = bytes.len();
    bytes[end / 2..].fill(0);
    std::fs::remove_file(&weights).unwrap();
    std::fs::write(&weights, bytes).unwrap();
    assert_ne!(encode_through(&cache, &model), made);
    assert_eq!(entries(&cache).len(), 1, "the earlier graph is gone");
}

#[test]
fn where_nothing_can_be_kept_the_graph_loads_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let model =
        Checkpoint::open(checkpoint("sd1")).unwrap().text_encoder_models(Precision::F32).unwrap().remove(0);
    assert_eq!(encode_through(&file, &checkpoint("sd1")), encode(&model, &SessionOptions::default()));
}

#[test]
fn a_graph_that_nobody_used_for_months_makes_room_for_others() {
    let cache = tempfile::tempdir().unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(100 * 24 * 3600);
    let age = |entry: &Path| {
        let graph = std::fs::File::options().append(true).open(entry.join("graph.onnx")).unwrap();
        graph.set_modified(long_ago).unwrap();
    };
    encode_through(cache.path(), &checkpoint("sd1"));
    age(&entries(cache.path())[0]);
    // Used in time, it counts as new.
    encode_through(cache.path(), &checkpoint("sd1"));
    encode_through(cache.path(), &checkpoint("sd2"));
    assert_eq!(entries(cache.path()).len(), 2);
    entries(cache.path()).iter().for_each(|entry| age(entry));
    encode_through(cache.path(), &checkpoint("shallow"));
    assert_eq!(entries(cache.path()).len(), 1);
}
