//! The ModulatedAttention op: reference, CPU kernel, ONNX function and custom-op library
