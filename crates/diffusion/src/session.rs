//! An exported model in memory as a session of ONNX Runtime, on the weights as they lie in the checkpoint's files.

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

/// The setting by which a model that comes from memory may refer to files: they must lie in this folder or below.
const WEIGHTS_FOLDER: &str = "session.model_external_initializers_file_folder_path";
/// The settings by which the weights of an optimised graph are written to a file beside it, if they have so many bytes.
const OPTIMIZED_WEIGHTS: &str = "session.optimized_model_external_initializers_file_name";
const OPTIMIZED_WEIGHTS_FROM: &str = "session.optimized_model_external_initializers_min_size_in_bytes";

/// How sessions are made.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The card whose CUDA provider runs the graph; the CPU by default. [`Device::choose`](crate::Device::choose) has
    /// seen to it that this is possible.
    pub cuda: Option<u32>,
    /// What is chosen about CUDA besides.
    pub cuda_options: CudaOptions,
    /// On CUDA, calls may be recorded as graphs: there must be no control flow, and calls bind what they read and write.
    pub recorded: bool,
    /// A folder where the graphs that the CPU runs are kept, optimised, for the next start; nowhere by default.
    pub graph_cache: Option<PathBuf>,
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
    /// The memory of the card or of the machine is full.
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

/// Makes a session of `model`. ONNX Runtime maps the weights by itself, tensor by tensor: nothing is copied
/// but what it converts (half-precision weights, to f32) or rearranges.
///
/// Handing over tensors of our own mapping (`with_external_initializer`) would copy them all: ONNX Runtime 1.31 does.
///
/// # Errors
/// [`SessionError`], in one line.
pub fn load(model: &ExportedModel, options: &SessionOptions) -> Result<Session, SessionError> {
    // Whether it is there at all is an error of its own.
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

/// A session that computes nothing, for memory where the others run.
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

/// A session of the kept graph, or one that `make`s and keeps it. None if the cache is of no use: a graph loads without it, too.
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

/// Optimises the encoded `graph`, whose weights lie in `folder`, and writes the outcome to `optimized`.
fn make(
    graph: &[u8],
    folder: &Path,
    options: &SessionOptions,
    optimized: Option<&Path>,
) -> ort::Result<Session> {
    let mut builder = builder(options)?
        // This level, too, rearranges convolutions.
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

/// A session of a graph that is optimised already, for the CPU.
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
    // Failures are returned, and said once.
    let builder = Session::builder(&environment)?.with_operators(domain)?.with_log_level(LogLevel::Fatal)?;
    let Some(card) = cuda else {
        return Ok(builder.with_env_allocators()?);
    };
    let mut provider = CUDA::default()
        .with_device_id(*card as i32)
        // cuDNN's convolutions on tensor cores take this layout; from another they transpose at each call.
        .with_prefer_nhwc(true)
        // Norms of f16 are summed up in f32.
        .with_skip_layer_norm_strict_mode(true)
        .with_cuda_graph(*recorded);
    for (key, value) in &cuda_options.provider {
        provider = provider.with_arbitrary_config(key, value);
    }
    // A provider that does not come up would be left out without a word.
    Ok(builder.with_execution_providers([provider.build().error_on_failure()])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_for_which_there_is_too_little_memory_is_named_with_what_to_do() {
        // Errors of ONNX Runtime are made by itself.
        attention::runtime::environment().expect("ONNX Runtime");
        // What ONNX Runtime 1.31 says where weights do not fit a limit on CUDA.
        let said = "Exception during initialization: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* \
                    onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Available memory of 0 is \
                    smaller than requested bytes of 2560";
        let error = SessionError::new("text_encoder", &ort::Error::new(said)).to_string();
        assert!(error.starts_with("there is too little memory to load the text encoder: "), "{error}");
        let other = SessionError::new("unet", &ort::Error::new("an operator is unknown"));
        assert_eq!(other.to_string(), "ONNX Runtime cannot load the unet: an operator is unknown");
    }
}
