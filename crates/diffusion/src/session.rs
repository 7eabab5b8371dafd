//! An exported model in memory as a session of ONNX Runtime, on the weights as they lie in the checkpoint's files.

use export::ExportedModel;
use onnx::Message;
use ort::ep::CUDA;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use crate::error::one_line;

/// The setting by which a model that comes from memory may refer to files: they must lie in this folder or below.
const WEIGHTS_FOLDER: &str = "session.model_external_initializers_file_folder_path";

/// How sessions are made.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// Threads of the session's pool; all cores by default.
    pub threads: Option<usize>,
    /// Whether weights are copied for speed.
    pub weights: WeightsIn,
    /// The card whose CUDA provider runs the graph; the CPU by default. [`Device::choose`](crate::Device::choose) has
    /// seen to it that this is possible.
    pub cuda: Option<u32>,
}

/// Whether ONNX Runtime may rearrange the weights in memory of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightsIn {
    /// Weights of matrix products and convolutions are copied and rearranged for speed.
    #[default]
    PrivateMemory,
    /// f32 weights stay in the mapped file, which the system shares and may drop: slower steps, next to no memory.
    MappedFile,
}

/// Why a session could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// ONNX Runtime is not there.
    #[error(transparent)]
    Runtime(#[from] attention::runtime::RuntimeError),
    /// The weights cannot be found again.
    #[error(transparent)]
    Weights(#[from] export::ExportError),
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
    /// The session.
    pub session: Session,
    /// Weights have been copied and rearranged.
    pub prepacked: bool,
}

/// Makes a session of `model`. ONNX Runtime maps the weights by itself, tensor by tensor: nothing is copied
/// but what it converts (half-precision weights, to f32) or rearranges.
///
/// Handing over tensors of our own mapping (`with_external_initializer`) would copy them all: ONNX Runtime 1.31 does.
///
/// # Errors
/// [`SessionError`], in one line.
pub fn load(model: &ExportedModel, options: &SessionOptions) -> Result<Loaded, SessionError> {
    let environment = attention::runtime::environment()?;
    let (folder, located) = model.with_weights_in_place()?;
    let build = || -> ort::Result<Session> {
        let builder = configure(Session::builder(&environment)?, options)?;
        let mut builder = builder.with_config_entry(WEIGHTS_FOLDER, folder.to_string_lossy())?;
        builder.commit_from_memory(&located.encode_to_vec())
    };
    let session = build().map_err(|error| SessionError::Load {
        model: located.graph.as_ref().map(|graph| graph.name.replace('_', " ")).unwrap_or_default(),
        message: one_line(&error),
    })?;
    Ok(Loaded { session, prepacked: options.weights == WeightsIn::PrivateMemory })
}

fn configure(builder: SessionBuilder, options: &SessionOptions) -> ort::Result<SessionBuilder> {
    let copies = options.weights == WeightsIn::PrivateMemory;
    // The last level is the one that rearranges convolutions.
    let level = if copies { GraphOptimizationLevel::All } else { GraphOptimizationLevel::Level2 };
    let builder = builder
        .with_operators(if options.cuda.is_some() {
            attention::cuda_operator_domain()?
        } else {
            attention::operator_domain()?
        })?
        .with_optimization_level(level)?
        // Failures are returned, and said once.
        .with_log_level(LogLevel::Fatal)?
        .with_prepacking(copies)?;
    let builder = match options.threads {
        Some(threads) => builder.with_intra_threads(threads)?,
        None => builder,
    };
    Ok(match options.cuda {
        // A provider that does not come up would be left out without a word.
        Some(card) => builder.with_execution_providers([CUDA::default()
            .with_device_id(card as i32)
            .build()
            .error_on_failure()])?,
        None => builder,
    })
}
