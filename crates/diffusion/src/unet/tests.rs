use std::path::Path;
use std::sync::Barrier;

use ::onnx::{DataType, GraphBuilder, Message, dim, op};
use export::Checkpoint;
use ort::session::Session;

use super::*;

fn call() -> UNetCall {
    call_with(true)
}

fn call_with(any: bool) -> UNetCall {
    // With guidance there are two samples per picture.
    let shape = LatentShape { samples: 2, channels: 4, height: 8, width: 8 };
    let conditioning = Conditioning {
        prompt_embeds: vec![0.0; shape.samples].into(),
        text_embeds: Arc::default(),
        time_ids: Arc::default(),
        token_regions: [0].into(),
        pixel_regions: Vec::new(),
    };
    UNetCall {
        latents: vec![1.0; shape.len()].into(),
        shape,
        pictures: 1,
        timestep: [999.0].into(),
        conditioning: Arc::new(conditioning),
        strengths: Arc::new(Strengths { levels: Vec::new(), any }),
    }
}

#[test]
fn the_operator_is_told_of_plain_steps_where_that_is_wanted_and_none_of_the_batch_is_modulated()
-> anyhow::Result<()> {
    // The samples times the number of elements of `modulated`.
    let mut graph = GraphBuilder::new("told");
    let sample = graph.input("sample", DataType::Float, &["samples", "c", "h", "w"].map(dim));
    graph.input("timestep", DataType::Float, &[dim("rows")]);
    graph.input("encoder_hidden_states", DataType::Float, &["samples", "tokens", "width"].map(dim));
    graph.input("token_regions", DataType::Int32, &["rows", "tokens"].map(dim));
    let told = graph.input("modulated", DataType::Bool, &[dim("modulated")]);
    let count = graph.node("count", "Size", [&told]);
    let count = graph.node("count_f32", op("Cast").int("to", DataType::Float as i64), [&count]);
    let product = graph.node("product", "Mul", [&sample, &count]);
    graph.output("product", &product, DataType::Float, &["samples", "c", "h", "w"].map(dim));
    let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
    let checkpoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints/sd1");
    let checkpoint = Arc::new(Checkpoint::open(checkpoint)?);
    for (tells_plain, batch, count) in
        [(false, [false, false], 1.0), (true, [false, false], 0.0), (true, [false, true], 1.0)]
    {
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        let unet = UNet::new(Network::new("UNet", session, &checkpoint), tells_plain);
        for output in unet.run(&batch.map(call_with))? {
            assert!(output.iter().all(|value| *value == count), "{tells_plain} {batch:?}");
        }
    }
    Ok(())
}

#[test]
fn two_guided_pictures_share_a_batch_of_two() {
    let batcher = Batcher::new(2, |call: &UNetCall| call.pictures);
    let members = Barrier::new(2);
    let sizes = std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| {
            scope.spawn(|| {
                let member = batcher.join(());
                members.wait();
                member.call(call(), |calls| Ok::<_, ()>(vec![calls.len(); calls.len()]))
            })
        });
        threads.map(|thread| thread.join().expect("a thread panicked"))
    });
    assert_eq!(sizes, [Ok(2); 2]);
}
