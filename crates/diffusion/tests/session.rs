//! Sessions on weights in place.

use std::path::{Path, PathBuf};

use diffusion::session::{SessionOptions, WeightsIn, load};
use export::{Checkpoint, ExportedModel, Precision};
use ort::value::TensorRef;

fn checkpoint(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints").join(name)
}

fn encode(model: &ExportedModel, weights: WeightsIn) -> Vec<f32> {
    let options = SessionOptions { weights, ..Default::default() };
    let mut loaded = load(model, &options).expect("the session");
    assert_eq!(loaded.prepacked, weights == WeightsIn::PrivateMemory);
    let ids: Vec<i64> = (0..77).collect();
    let ids = TensorRef::from_array_view(([1usize, 77], &*ids)).expect("the ids");
    let outputs = loaded.session.run(ort::inputs!["input_ids" => ids]).expect("a run");
    outputs[0].try_extract_tensor::<f32>().expect("the embeddings").1.to_vec()
}

#[test]
fn weights_in_the_mapped_file_compute_the_same_as_rearranged_ones() {
    for name in ["sd1", "sd2", "shallow"] {
        // The checkpoint is dropped before the sessions run.
        let model = Checkpoint::open(checkpoint(name)).unwrap().text_encoder_model(Precision::F32).unwrap();
        let rearranged = encode(&model, WeightsIn::PrivateMemory);
        let mapped = encode(&model, WeightsIn::MappedFile);
        assert!(rearranged.iter().any(|value| value.abs() > 0.1), "{name}: the embeddings say something");
        let difference = rearranged.iter().zip(&mapped).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(difference < 1e-5, "{name}: off by {difference}");
    }
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
    let model = Checkpoint::open(checkpoint("shallow")).unwrap().text_encoder_model(Precision::F32).unwrap();
    let options = SessionOptions { cuda: Some(0), ..Default::default() };
    // Without the provider or a card there is no session; where there is one, there are both.
    match load(&model, &options) {
        Ok(_) => assert!(diffusion::Device::Cuda(0).explain().is_ok()),
        Err(error) => assert!(error.to_string().to_lowercase().contains("cuda"), "{error}"),
    }
}
