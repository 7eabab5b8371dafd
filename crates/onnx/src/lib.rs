//! ONNX protobuf messages (the subset this project writes and reads) and a builder of graphs.
//!
//! 1. `proto`: the messages, field by field as in `onnx.proto3` of ONNX 1.x;
//! 2. [`Op`]: one operator with its attributes, `op("Gemm").int("transB", 1)`;
//! 3. [`GraphBuilder`]: nodes, inputs, outputs, constants and branches, with names that read like checkpoint keys;
//! 4. [`model`]: the finished graph in a [`ModelProto`] with the operator sets that this project uses.
//!
//! A test of the crate `export` reads the files back with Python's `onnx`.

mod builder;
mod op;
mod proto;
mod tensor;

pub use builder::{GraphBuilder, Value};
pub use op::{Op, op};
pub use prost::Message;
pub use proto::*;
pub use tensor::{Tensor, dim};

/// Version of the file format: the one that came with opset 21 (ONNX 1.16).
const IR_VERSION: i64 = 10;
/// Version of the standard operators: the first whose `Gelu` and `LayerNormalization` serve us in every runtime we run on.
pub const OPSET: i64 = 21;
/// ONNX Runtime's own operators, `MultiHeadAttention` among them.
pub const MICROSOFT: &str = "com.microsoft";
/// This project's operators.
pub const DENSE_DIFFUSION: &str = "dense_diffusion";
/// Their version, which a model imports.
pub const DENSE_DIFFUSION_VERSION: i64 = 1;

/// The operator sets a model of this project draws on.
pub fn opset_imports() -> Vec<OperatorSetIdProto> {
    [("", OPSET), (MICROSOFT, 1), (DENSE_DIFFUSION, DENSE_DIFFUSION_VERSION)]
        .map(|(domain, version)| OperatorSetIdProto { domain: domain.into(), version })
        .into()
}

/// Wraps a graph and its model-local functions.
pub fn model(graph: GraphProto, functions: Vec<FunctionProto>) -> ModelProto {
    ModelProto {
        ir_version: IR_VERSION,
        producer_name: "dense-diffusion".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(graph),
        opset_import: opset_imports(),
        metadata_props: Vec::new(),
        functions,
    }
}
