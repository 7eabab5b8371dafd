//! An exported model in memory as a session of ONNX Runtime, on the weights as they lie in the mapped files.

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use export::{ExportedModel, Weight};
use onnx::{DataType, Message};
use ort::logging::LogLevel;
use ort::memory::{Allocator, MemoryInfo};
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::DynValue;
use ort::{AsPointer, sys};

/// How sessions are made.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// Threads of the session's pool; all cores by default.
    pub threads: Option<usize>,
    /// Whether weights are rearranged for faster products.
    pub prepack: Prepack,
}

/// Whether ONNX Runtime rearranges the weights of matrix products into memory of its own: faster steps, for a second
/// copy of those weights that no longer lies in the mapped file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prepack {
    /// Faster.
    #[default]
    On,
    /// Less memory.
    Off,
}

/// Why a session could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// ONNX Runtime is not there.
    #[error(transparent)]
    Runtime(#[from] attention::runtime::RuntimeError),
    /// ONNX Runtime refused the model.
    #[error("ONNX Runtime cannot load the {model}: {message}")]
    Load {
        /// The graph's name.
        model: String,
        /// What it said.
        message: String,
    },
}

/// A session and what was decided when it was made.
#[derive(Debug)]
pub struct Loaded {
    /// The session. It keeps the weights mapped.
    pub session: Session,
    /// Weights of matrix products have been copied and rearranged.
    pub prepacked: bool,
}

/// Makes a session of `model` on the CPU. The weights are handed over in place, nothing is read or copied but what ONNX
/// Runtime converts (half-precision weights, to f32) or prepacks.
///
/// # Errors
/// [`SessionError`], in one line.
pub fn load(model: &ExportedModel, options: &SessionOptions) -> Result<Loaded, SessionError> {
    let environment = attention::runtime::environment()?;
    let name = model.model.graph.as_ref().map(|graph| graph.name.replace('_', " ")).unwrap_or_default();
    let build = || -> ort::Result<Session> {
        let mut builder = configure(Session::builder(&environment)?, options)?;
        for weight in &model.weights {
            builder = builder.with_external_initializer(&weight.key, in_place(weight)?)?;
        }
        builder = keep_mapped(builder, model.weights.clone())?;
        builder.commit_from_memory(&model.model.encode_to_vec())
    };
    let session = build().map_err(|error| SessionError::Load { model: name, message: one_line(&error) })?;
    Ok(Loaded { session, prepacked: options.prepack == Prepack::On })
}

fn configure(builder: SessionBuilder, options: &SessionOptions) -> ort::Result<SessionBuilder> {
    let builder = builder
        .with_operators(attention::operator_domain()?)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_prepacking(options.prepack == Prepack::On)?;
    Ok(match options.threads {
        Some(threads) => builder.with_intra_threads(threads)?,
        None => builder,
    })
}

/// The session owns its logger, and the logger the weights: they stay mapped for as long as the session lives, whoever
/// holds it. It has nothing to log; errors are returned.
fn keep_mapped(builder: SessionBuilder, weights: Vec<Weight>) -> ort::Result<SessionBuilder> {
    let logger = move |_: LogLevel, _: &str, _: &str, _: &str, _: &str| {
        let _ = &weights;
    };
    Ok(builder.with_logger(Arc::new(logger))?.with_log_level(LogLevel::Error)?)
}

/// A tensor over the mapped bytes. Those need not be aligned to their element size, which a slice would demand, so the C
/// API is called with the address; ONNX Runtime only reads through it.
fn in_place(weight: &Weight) -> ort::Result<DynValue> {
    let element = match weight.dtype {
        DataType::Float16 => sys::ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
        DataType::Bfloat16 => sys::ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16,
        _ => sys::ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
    };
    let memory = MemoryInfo::default();
    let bytes = weight.bytes();
    let mut value: *mut sys::OrtValue = ptr::null_mut();
    // SAFETY: data and shape are valid for their lengths; the value refers to the bytes until it is released, and
    // `keep_mapped` keeps them mapped until then.
    #[allow(unsafe_code, reason = "weights are handed over in place")]
    unsafe {
        let status = (ort::api().CreateTensorWithDataAsOrtValue)(
            memory.ptr(),
            bytes.as_ptr().cast_mut().cast::<c_void>(),
            bytes.len(),
            weight.dims.as_ptr(),
            weight.dims.len(),
            element,
            &mut value,
        );
        ort::Error::result_from_status(status)?;
        let value = NonNull::new(value).ok_or_else(|| ort::Error::new("no tensor was made"))?;
        Ok(DynValue::from_ptr(value, Some(&Allocator::default())))
    }
}

fn one_line(error: &ort::Error) -> String {
    error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
