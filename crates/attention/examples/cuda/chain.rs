//! Plain attention through ONNX Runtime's provider, as a step without modulation has it: our operator with strength 0, by our
//! kernel and handed on to ONNX Runtime's own, beside ONNX Runtime's MultiHeadAttention, which takes the fastest of its kernels, flash
//! attention among them.

use std::time::Instant;

use half::f16;
use onnx::{DataType, ModelProto};
use ort::session::Session;
use prost::Message;
use serde_json::{Value, json};

use super::common::problem::{Problem, Spec};
use super::common::session::{Form, model, multi_head, run, tensors};
use super::{Result, session_on_gpu};

/// Calls one after the other, each of which takes the result of the last as its queries.
const CALLS: usize = 50;
const ROUNDS: usize = 7;

/// Milliseconds of one call in f16: what a chain of calls takes longer than a single one, in which everything else is.
pub fn time(spec: &Spec) -> Result<Value> {
    let plain = spec.problem::<f16>(1).plain();
    let ours = model(DataType::Float16, Form::Kernel, spec.heads as i64, None);
    let (ours, theirs) = (ModelProto::decode(&*ours)?, multi_head(&ours));
    let per_call = |model: &ModelProto, handed_on: bool| -> Result<f64> {
        let time = |calls| fastest(session_on_gpu(&chain(model, calls)?, handed_on)?, &plain);
        Ok((time(1 + CALLS)? - time(1)?) / CALLS as f64)
    };
    Ok(json!({
        "batch": spec.batch, "heads": spec.heads, "queries": spec.queries, "keys": spec.keys, "head_size": spec.head_size,
        "plain_ms": per_call(&ours, false)?, "handed_on_ms": per_call(&ours, true)?, "multi_head_ms": per_call(&theirs, false)?,
    }))
}

/// The model of one node with so many of it.
fn chain(model: &ModelProto, calls: usize) -> Result<Vec<u8>> {
    let mut model = model.clone();
    let graph = model.graph.as_mut().ok_or("no graph")?;
    let node = graph.node.remove(0);
    for call in 1..=calls {
        let mut node = node.clone();
        node.name = format!("attention_{call}");
        if call > 1 {
            node.input[0] = format!("output_{}", call - 1);
        }
        if call < calls {
            node.output[0] = format!("output_{call}");
        }
        graph.node.push(node);
    }
    Ok(model.encode_to_vec())
}

/// Milliseconds of the fastest run.
fn fastest(mut session: Session, problem: &Problem<f16>) -> Result<f64> {
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let inputs = tensors(problem)?;
        let start = Instant::now();
        run::<f16>(&mut session, inputs)?;
        fastest = fastest.min(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(fastest)
}
