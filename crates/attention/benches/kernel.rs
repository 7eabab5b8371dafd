//! `cargo bench -p attention`: the op beside ONNX Runtime's own MultiHeadAttention, in one run, on two threads.
//!
//! Every round runs each candidate once, so that other load on the machine hits all of them alike; the medians are
//! printed in milliseconds.

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use attention::runtime;
use common::problem::{Problem, Regions, Spec, Strength};
use common::session::{Form, model, run, session};
use onnx::{DataType, ModelProto};
use ort::session::Session;
use prost::Message;

const ROUNDS: usize = 15;

fn main() {
    let square = |queries, head_size| Spec {
        batch: 2,
        heads: 8,
        queries,
        keys: queries,
        head_size,
        strength: Strength::Uniform(0.3),
        ..Spec::small()
    };
    let tokens = Spec { keys: 77, regions: Regions::CrossAttention, ..square(4096, 40) };
    let sizes = [
        ("4096 x 4096, d 40", square(4096, 40)),
        ("1024 x 1024, d 80", square(1024, 80)),
        ("256 x 256, d 160", square(256, 160)),
        ("4096 x 77, d 40", tokens.clone()),
        ("1024 x 77, d 80", Spec { queries: 1024, head_size: 80, ..tokens }),
    ];
    println!("{:<20}{:>12}{:>12}{:>12}{:>12}", "B=2, H=8, f32", "modulated", "plain", "MHA", "function");
    for (name, spec) in sizes {
        let medians = measure(&spec);
        println!("{name:<20}{}", medians.map(|ms| format!("{ms:>12.2}")).concat());
    }
}

/// Medians of: our op modulated, our op with strength 0, MultiHeadAttention, the function modulated.
fn measure(spec: &Spec) -> [f64; 4] {
    let modulated = spec.problem::<f32>(1);
    let plain = Problem { strength: vec![0.0; modulated.strength.len()], ..modulated.clone() };
    let bytes = |form| model(DataType::Float, form, spec.heads as i64, None);
    let mut op = session(&bytes(Form::Kernel), Form::Kernel).expect("the op");
    let mut function = session(&bytes(Form::Function), Form::Function).expect("the function");
    let mut multi_head = multi_head(&bytes(Form::Kernel));
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..ROUNDS {
        times[0].push(time(&mut op, &modulated));
        times[1].push(time(&mut op, &plain));
        times[2].push(time(&mut multi_head, &plain));
        if round % 5 == 0 {
            times[3].push(time(&mut function, &modulated));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn time(session: &mut Session, problem: &Problem<f32>) -> f64 {
    let inputs = common::session::tensors(problem).expect("tensors");
    let start = Instant::now();
    run::<f32>(session, inputs).expect("a run");
    start.elapsed().as_secs_f64() * 1e3
}

/// The same node as ONNX Runtime's MultiHeadAttention; the modulation's inputs stay unused.
fn multi_head(model: &[u8]) -> Session {
    let mut model = ModelProto::decode(model).expect("a model");
    let graph = model.graph.as_mut().expect("a graph");
    graph.node[0].op_type = "MultiHeadAttention".into();
    graph.node[0].domain = "com.microsoft".into();
    graph.node[0].input.truncate(3);
    graph.node[0].attribute.retain(|attribute| attribute.name == "num_heads");
    model.opset_import[1].domain = "com.microsoft".into();
    let environment = runtime::environment().expect("ONNX Runtime");
    let builder = Session::builder(&environment).expect("a builder");
    let mut builder = builder.with_intra_threads(2).expect("threads");
    builder.commit_from_memory(&model.encode_to_vec()).expect("MultiHeadAttention")
}
