//! What ONNX Runtime says.

/// A full memory in ONNX Runtime's words, of an arena that can get no more, of one that may have no more, and of CUDA.
const FULL: [&str; 3] = ["Failed to allocate memory", "is smaller than requested bytes", "out of memory"];

/// Whether ONNX Runtime says that a memory is full.
pub(crate) fn is_of_memory(message: &str) -> bool {
    FULL.iter().any(|text| message.contains(text))
}

/// What ONNX Runtime says, which may be several lines, in one.
pub(crate) fn one_line(error: &ort::Error) -> String {
    error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
