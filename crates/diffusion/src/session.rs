//! ONNX Runtime sessions of exported models, with weights mapped from the checkpoint's files.

use std::path::{Path, PathBuf};

use export::ExportedModel;
use onnx::{DataType, GraphBuilder, Message, dim};
use ort::ep::{ArbitrarilyConfigurableExecutionProvider, CUDA};
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use crate::cuda_options::CudaOptions;
use crate::graph_cache::{self, Entry};
use crate::runtime_error::{is_of_memory, one_line};

/// The setting that lets a model in memory refer to files: they must lie in this folder or below.
const WEIGHTS_FOLDER: &str = "session.model_external_initializers_file_folder_path";
/// The settings that write weights of at least so many bytes to a file beside an optimised graph.
const OPTIMIZED_WEIGHTS: &str = "session.optimized_model_external_initializers_file_name";
const OPTIMIZED_WEIGHTS_FROM: &str = "session.optimized_model_external_initializers_min_size_in_bytes";

/// How sessions are created.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The GPU whose CUDA provider runs the graph; the CPU by default.
    /// [`Device::choose`](crate::Device::choose) has checked that this works.
    pub cuda: Option<u32>,
    /// Other CUDA options.
    pub cuda_options: CudaOptions,
    /// On CUDA, calls may be captured as graphs: there is no control flow, and calls bind inputs and outputs.
    pub recorded: bool,
    /// A folder to cache the optimised graphs that the CPU runs, for the next start; none by default.
    pub graph_cache: Option<PathBuf>,
}

/// Why a session could not be created.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// ONNX Runtime is missing or cannot be loaded.
    #[error(transparent)]
    Runtime(#[from] attention::runtime::RuntimeError),
    /// The weights cannot be found again.
    #[error(transparent)]
    Weights(#[from] export::ExportError),
    /// ONNX Runtime rejected the model.
    #[error("ONNX Runtime cannot load the {model}: {message}")]
    Load {
        /// The graph's name.
        model: String,
        /// Its message.
        message: String,
    },
    /// The GPU or the machine is out of memory.
    #[error(
        "there is too little memory to load the {model}: end other programs that use it, or allow more where --cuda-options limits it \
         (gpu_mem_limit)"
    )]
    Memory {
        /// The graph's name.
        model: String,
    },
}

impl SessionError {
    /// Why the graph of this name could not be loaded.
    pub(crate) fn new(graph: &str, error: &ort::Error) -> Self {
        let (model, message) = (graph.replace('_', " "), one_line(error));
        if is_of_memory(&message) {
            tracing::warn!("the {model}: {message}");
            return Self::Memory { model };
        }
        Self::Load { model, message }
    }
}

/// Creates a session of `model`. ONNX Runtime maps the weights itself, tensor by tensor, and copies only what
/// it converts (half-precision weights, to f32) or rearranges.
///
/// Passing tensors of our own mapping (`with_external_initializer`) would copy them all in ONNX Runtime 1.31.
///
/// # Errors
/// [`SessionError`], in one line.
pub fn load(model: &ExportedModel, options: &SessionOptions) -> Result<Session, SessionError> {
    // A missing ONNX Runtime is an error of its own.
    attention::runtime::environment()?;
    let (folder, located) = model.with_weights_in_place()?;
    let name = located.graph.as_ref().map(|graph| graph.name.clone()).unwrap_or_default();
    let graph = located.encode_to_vec();
    let make = |optimized: Option<&Path>| make(&graph, &folder, options, optimized);
    let cached = match &options.graph_cache {
        Some(cache) if options.cuda.is_none() => {
            through_cache(cache, Entry::new(cache, &name, &graph, &model.files()), make)
        }
        _ => None,
    };
    cached.map_or_else(|| make(None), Ok).map_err(|error| SessionError::new(&name, &error))
}

/// Creates a session that computes nothing, to allocate memory where the others run.
///
/// # Errors
/// ONNX Runtime's own.
pub(crate) fn home(options: &SessionOptions) -> ort::Result<Session> {
    let mut graph = GraphBuilder::new("nothing");
    let input = graph.input("input", DataType::Float, &[dim(1)]);
    let output = graph.node("output", "Identity", [&input]);
    graph.output("output", &output, DataType::Float, &[dim(1)]);
    builder(options)?.commit_from_memory(&onnx::model(graph.finish(), vec![]).encode_to_vec())
}

/// Opens the cached graph, or `make`s the session and caches its graph; `None` if the cache fails.
fn through_cache(
    cache: &Path,
    entry: std::io::Result<Entry>,
    make: impl Fn(Option<&Path>) -> ort::Result<Session>,
) -> Option<Session> {
    let useless = |error: &dyn std::fmt::Display| {
        tracing::warn!("the graph cache {} is of no use: {error}", cache.display());
    };
    let entry = entry.inspect_err(|error| useless(error)).ok()?;
    if let Some(kept) = entry.graph() {
        match open(&kept) {
            Ok(session) => return Some(session),
            Err(error) => {
                tracing::warn!("{}: made anew, for {}", kept.display(), one_line(&error));
                entry.remove();
            }
        }
    }
    let draft = entry.draft().inspect_err(|error| useless(error)).ok()?;
    let session = make(Some(&draft.graph())).inspect_err(|error| useless(&one_line(error))).ok()?;
    draft.keep().unwrap_or_else(|error| useless(&error));
    Some(session)
}

/// Creates a session of `graph`, whose weights lie in `folder`, and writes it to `optimized` once optimised.
fn make(
    graph: &[u8],
    folder: &Path,
    options: &SessionOptions,
    optimized: Option<&Path>,
) -> ort::Result<Session> {
    let mut builder = builder(options)?
        // This level also rearranges convolutions.
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_config_entry(WEIGHTS_FOLDER, folder.to_string_lossy())?;
    if let Some(path) = optimized {
        builder = builder
            .with_optimized_model_path(path)?
            .with_config_entry(OPTIMIZED_WEIGHTS, graph_cache::WEIGHTS)?
            .with_config_entry(OPTIMIZED_WEIGHTS_FROM, "1024")?;
    }
    builder.commit_from_memory(graph)
}

/// Opens a graph that is already optimised, on the CPU.
fn open(graph: &Path) -> ort::Result<Session> {
    builder(&SessionOptions::default())?
        .with_optimization_level(GraphOptimizationLevel::Disable)?
        .commit_from_file(graph)
}

fn builder(options: &SessionOptions) -> ort::Result<SessionBuilder> {
    let SessionOptions { cuda, cuda_options, recorded, .. } = options;
    let environment = attention::runtime::environment().map_err(ort::Error::wrap)?;
    let domain = match cuda {
        Some(_) => attention::cuda_operator_domain(cuda_options.flash)?,
        None => attention::operator_domain()?,
    };
    // Failures are returned, and reported once.
    let builder = Session::builder(&environment)?.with_operators(domain)?.with_log_level(LogLevel::Fatal)?;
    let Some(card) = cuda else {
        return Ok(builder.with_env_allocators()?);
    };
    let mut provider = CUDA::default()
        .with_device_id(*card as i32)
        // cuDNN's convolutions on tensor cores take this layout; from another they transpose at each call.
        .with_prefer_nhwc(true)
        // f16 norms are summed in f32.
        .with_skip_layer_norm_strict_mode(true)
        .with_cuda_graph(*recorded);
    for (key, value) in &cuda_options.provider {
        provider = provider.with_arbitrary_config(key, value);
    }
    // A provider that fails to load would be skipped silently.
    Ok(builder.with_execution_providers([provider.build().error_on_failure()])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_for_which_there_is_too_little_memory_is_named_with_what_to_do() {
        // ONNX Runtime creates its own errors, so it must be loaded.
        attention::runtime::environment().expect("ONNX Runtime");
        // ONNX Runtime 1.31's message where weights exceed a limit on CUDA.
        let said = "Exception during initialization: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* \
                    onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Available memory of 0 is \
                    smaller than requested bytes of 2560";
        let error = SessionError::new("text_encoder", &ort::Error::new(said)).to_string();
        assert!(error.starts_with("there is too little memory to load the text encoder: "), "{error}");
        let other = SessionError::new("unet", &ort::Error::new("an operator is unknown"));
        assert_eq!(other.to_string(), "ONNX Runtime cannot load the unet: an operator is unknown");
    }
}
