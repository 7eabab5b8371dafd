//! `cargo run -p attention --example cpu`: the op's times and memory on the CPU, two threads; JSON on the last line.
//!
//! Every round runs each candidate once, so that other load on the machine hits all of them alike; the medians count.
//! `cargo xtask bench --op` sets them beside PyTorch's.

#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::time::Instant;

use attention::runtime;
use common::problem::{Spec, stable_diffusion};
use common::session::{Form, model, multi_head, run, session, tensors};
use onnx::{DataType, ModelProto};
use ort::session::Session;
use ort::value::Tensor;
use prost::Message;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ROUNDS: usize = 15;
const THREADS: usize = 2;

/// Side of the matrices whose product tells what the processor can do at most.
const PEAK_SIDE: usize = 1536;

fn main() -> Result<()> {
    let peak = peak()?;
    let times = stable_diffusion().iter().map(|spec| measure(spec, peak)).collect::<Result<Vec<Value>>>()?;
    println!("{}", json!({"threads": THREADS, "peak_gflops": peak, "times": times}));
    Ok(())
}

/// Our op modulated and with strength 0, MultiHeadAttention, and the function modulated.
fn measure(spec: &Spec, peak: f64) -> Result<Value> {
    let modulated = spec.problem::<f32>(1);
    let plain = modulated.plain();
    let bytes = |form| model(DataType::Float, form, spec.heads as i64, None);
    let mut op = session(&bytes(Form::Kernel), Form::Kernel)?;
    let mut function = session(&bytes(Form::Function), Form::Function)?;
    let mut multi_head = plain_session(&multi_head(&bytes(Form::Kernel)))?;
    let mut times: [Vec<f64>; 4] = Default::default();
    let mut memory = [None; 4];
    for round in 0..ROUNDS {
        for (at, problem) in [&modulated, &plain, &plain, &modulated].into_iter().enumerate() {
            let session = match at {
                0 | 1 => &mut op,
                2 => &mut multi_head,
                // Takes ten times as long.
                _ if round % 5 == 0 => &mut function,
                _ => continue,
            };
            // In the first round a session claims what it will use again.
            let before = if round == 0 { forget_peak() } else { None };
            let inputs = tensors(problem)?;
            let start = Instant::now();
            run::<f32>(session, inputs)?;
            times[at].push(start.elapsed().as_secs_f64() * 1e3);
            memory[at] = memory[at].or_else(|| Some(status("VmHWM")?.saturating_sub(before?)));
        }
    }
    let [op_ms, plain_ms, multi_head_ms, function_ms] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    // Q K^T and P V.
    let flop = 4.0 * (spec.logits() * spec.head_size) as f64;
    Ok(json!({
        "element": "f32", "batch": spec.batch, "heads": spec.heads, "queries": spec.queries, "keys": spec.keys,
        "head_size": spec.head_size, "modulated_ms": op_ms, "plain_ms": plain_ms,
        "multi_head_ms": multi_head_ms, "function_ms": function_ms, "share_of_peak": flop / (op_ms * 1e6) / peak,
        "memory_mib": {"modulated": memory[0], "multi_head": memory[2], "function": memory[3]},
    }))
}

fn plain_session(model: &ModelProto) -> Result<Session> {
    let mut builder = Session::builder(&runtime::environment()?)?.with_intra_threads(THREADS)?;
    Ok(builder.commit_from_memory(&model.encode_to_vec())?)
}

/// The most that ONNX Runtime's own product of two f32 matrices reaches, in 10^9 operations a second.
fn peak() -> Result<f64> {
    let mut model = ModelProto::decode(&*model(DataType::Float, Form::Kernel, 1, None))?;
    let graph = model.graph.as_mut().ok_or("no graph")?;
    graph.node[0].op_type = "MatMul".into();
    graph.node[0].domain = String::new();
    graph.node[0].input.truncate(2);
    graph.node[0].attribute.clear();
    graph.input.truncate(2);
    let mut session = plain_session(&model)?;
    let side = PEAK_SIDE as i64;
    let matrix = || Tensor::from_array(([1, side, side], vec![0.5_f32; PEAK_SIDE * PEAK_SIDE]));
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let inputs = ort::inputs!["Q" => matrix()?, "K" => matrix()?];
        let start = Instant::now();
        session.run(inputs)?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (PEAK_SIDE as f64).powi(3) / best / 1e9)
}

/// Makes the process's peak of resident memory its present one, and returns that in MiB; `None` where it cannot.
fn forget_peak() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    status("VmRSS")
}

fn status(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}
