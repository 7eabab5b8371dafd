//! ONNX Runtime's error messages.

/// ONNX Runtime's words for out of memory: an arena cannot grow, an arena's limit is reached, and CUDA's.
const FULL: [&str; 3] = ["Failed to allocate memory", "is smaller than requested bytes", "out of memory"];

/// Whether ONNX Runtime says that memory ran out.
pub(crate) fn is_of_memory(message: &str) -> bool {
    FULL.iter().any(|text| message.contains(text))
}

/// Returns ONNX Runtime's message, which may have several lines, as one.
pub(crate) fn one_line(error: &ort::Error) -> String {
    error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
