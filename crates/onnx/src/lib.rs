//! ONNX protobuf messages (the subset this project writes and reads) and helpers to build graphs of them.
//!
//! The messages follow `onnx.proto3` of ONNX 1.x field by field; a test in `export` reads them back with Python's `onnx`.

mod proto;

pub use proto::*;
