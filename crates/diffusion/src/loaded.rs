//! A loaded checkpoint: its networks as sessions, and its configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use export::config::ConfigFile;
use export::{Checkpoint, ExportedModel, Lora, Precision, Target, TokenizerFiles};
use request::{Defaults, Generation};
use serde::de::DeserializeOwned;

use crate::cuda_options::CudaOptions;
use crate::defaults::defaults;
use crate::device::Device;
use crate::error::DiffusionError;
use crate::latents::LatentShape;
use crate::network::Network;
use crate::preview::PreviewFactors;
use crate::recorder::RECORDING;
use crate::safety::SafetyChecker;
use crate::schedulers::{Scheduler, SchedulerConfig};
use crate::session::SessionOptions;
use crate::text_encoder::TextEncoder;
use crate::tokenizer::{ClipTokenizer, TokenizerError};
use crate::unet::UNet;
use crate::vae::Vae;

/// How a checkpoint is opened.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The device it runs on.
    pub device: Device,
    /// CUDA options, if it runs on CUDA.
    pub cuda: CudaOptions,
    /// A folder to cache optimised graphs in, as large as the checkpoint in f32; none by default.
    pub graph_cache: Option<PathBuf>,
    /// Most pictures in one call of the UNet, where concurrent requests of one size share it; 1 by default.
    /// `None`: 1 on the CPU; on CUDA, as many as are measured to be faster overall. In a batch, the last bits
    /// of a picture may depend on the other pictures.
    pub max_batch: Option<usize>,
    /// The networks' precision. `None`, the default: f16 on CUDA, f32 on the CPU, which would only convert
    /// back and forth. The safety checker always computes in f32.
    pub precision: Option<Precision>,
    /// LoRAs applied to the checkpoint's weights, in order; none by default.
    pub loras: Vec<Lora>,
    /// Blur pictures that the checkpoint's safety checker flags, if it has one; true by default.
    pub safety_checker: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            device: Device::default(),
            cuda: CudaOptions::default(),
            graph_cache: None,
            max_batch: Some(1),
            precision: None,
            loras: Vec::new(),
            safety_checker: true,
        }
    }
}

impl LoadOptions {
    /// Returns the name of `model` when opened with these options: with its LoRAs.
    pub fn name(&self, model: &str) -> String {
        let lora = |lora: &Lora| match lora.weight {
            1.0 => format!(" + {}", name(&lora.path)),
            weight => format!(" + {}:{weight}", name(&lora.path)),
        };
        std::iter::once(model.to_owned()).chain(self.loras.iter().map(lora)).collect()
    }
}

/// A loaded checkpoint, without per-request state: many threads may call [`Pipeline::generate`] at once.
#[derive(Debug)]
pub struct Pipeline {
    pub(crate) tokenizer: ClipTokenizer,
    pub(crate) text_encoder: TextEncoder,
    pub(crate) unet: UNet,
    pub(crate) vae: Vae,
    pub(crate) safety_checker: Option<SafetyChecker>,
    pub(crate) preview: PreviewFactors,
    /// Resolution levels of the UNet.
    pub(crate) levels: usize,
    /// Those that have attention layers.
    pub(crate) attention_levels: Vec<usize>,
    scheduler: SchedulerConfig,
    latent_channels: usize,
    defaults: Defaults,
}

impl Pipeline {
    /// Loads a folder in the diffusers layout, or a single-file checkpoint: maps the weights, builds the
    /// graphs in memory, creates the sessions.
    ///
    /// # Errors
    /// What is missing, damaged, or not supported, by file.
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, DiffusionError> {
        let cuda = match options.device.choose()? {
            Device::Cuda(card) => Some(card),
            _ => None,
        };
        let precision =
            options.precision.unwrap_or(if cuda.is_some() { Precision::F16 } else { Precision::F32 });
        let target = Target { precision, cuda: cuda.is_some() };
        let session_options = SessionOptions {
            cuda,
            cuda_options: options.cuda.clone(),
            recorded: false,
            graph_cache: options.graph_cache.clone(),
        };
        let beside_others = RECORDING.read();
        let checkpoint = Arc::new(Checkpoint::open(path)?.with_loras(&options.loras)?);
        let mut tokenizers = tokenizers(&checkpoint)?;
        let scheduler = SchedulerConfig::parse(&checkpoint.scheduler)?;
        let scheduler = if checkpoint.is_xl() { scheduler } else { scheduler.for_stable_diffusion() };
        let defaults = defaults(path)?;
        let preview =
            read_beside(path, "preview.json")?.unwrap_or_else(|| PreviewFactors::of(checkpoint.is_xl()));
        let load = |name, model: ExportedModel| Network::load(name, &model, &session_options, &checkpoint);
        let text_encoders = checkpoint.text_encoder_models(precision)?.into_iter().zip(&tokenizers);
        let text_encoders = text_encoders
            .map(|(model, tokenizer)| Ok((load("text encoder", model)?, tokenizer.sequences())))
            .collect::<Result<_, DiffusionError>>()?;
        let unet = checkpoint.unet_model(target)?;
        let unet = match cuda {
            Some(card) => Network::load_on_card("UNet", &unet, card, &session_options, &checkpoint)?,
            None => load("UNet", unet)?,
        };
        let vae = Vae::load(&checkpoint, target, &session_options)?;
        let safety_checker = match options.safety_checker {
            true => SafetyChecker::open(&checkpoint, &session_options)
                .map_err(|error| DiffusionError::SafetyChecker(error.into()))?,
            false => None,
        };
        let mut pipeline = Self {
            tokenizer: tokenizers.swap_remove(0),
            text_encoder: TextEncoder::new(text_encoders, checkpoint.force_zeros_for_empty_prompt),
            unet: UNet::new(unet, options.cuda.flash),
            vae,
            safety_checker,
            preview,
            levels: checkpoint.unet.levels(),
            attention_levels: checkpoint.unet.attention_levels(),
            scheduler,
            latent_channels: checkpoint.unet.in_channels,
            defaults,
        };
        drop(beside_others);
        // On the CPU one sample keeps all cores busy: batches were not faster there (BENCHMARKS.md), and a measurement on a busy
        // machine says otherwise.
        let measured = || if cuda.is_some() { pipeline.measure_max_batch() } else { 1 };
        let max_batch = options.max_batch.unwrap_or_else(measured);
        pipeline.unet.share(max_batch);
        Ok(pipeline)
    }

    /// Most pictures in one call of the UNet.
    pub fn max_batch(&self) -> usize {
        self.unet.max_batch()
    }

    /// Defaults for what a request leaves out.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// Pixels per latent cell along a side; a picture's sides are multiples of this.
    pub fn vae_scale_factor(&self) -> usize {
        self.vae.scale()
    }

    /// Whether a safety checker checks the pictures.
    pub fn has_safety_checker(&self) -> bool {
        self.safety_checker.is_some()
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &ClipTokenizer {
        &self.tokenizer
    }

    /// Checks that the checkpoint's scheduler supports what a request asks of it.
    ///
    /// # Errors
    /// An unsupported value, or a number of steps that does not fit.
    pub fn check_scheduler(&self, generation: &Generation) -> Result<(), DiffusionError> {
        self.scheduler(generation).map(drop)
    }

    /// Returns the shape of the latents, if the checkpoint can paint that size.
    pub(crate) fn latent_shape(&self, generation: &Generation) -> Result<LatentShape, DiffusionError> {
        let scale = self.vae.scale();
        let (width, height) = (generation.size.width() as usize, generation.size.height() as usize);
        if width % scale != 0 || height % scale != 0 {
            return Err(DiffusionError::Size { width, height, scale });
        }
        let (height, width) = (height / scale, width / scale);
        Ok(LatentShape { samples: generation.samples, channels: self.latent_channels, height, width })
    }

    /// Creates a scheduler with its timesteps set.
    pub(crate) fn scheduler(&self, generation: &Generation) -> Result<Box<dyn Scheduler>, DiffusionError> {
        Ok(self.scheduler.build(generation.sampling)?)
    }
}

/// Returns a model's name: that of its folder, or of its file without the extension.
pub fn name(path: &Path) -> String {
    let name = if path.is_file() { path.file_stem() } else { path.file_name() };
    name.unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Opens one tokenizer per text encoder. They share a vocabulary and a length, and differ in their padding.
fn tokenizers(checkpoint: &Checkpoint) -> Result<Vec<ClipTokenizer>, TokenizerError> {
    let path = &checkpoint.path;
    let length = checkpoint.text_encoders[0].max_position_embeddings;
    let tokenizers: Vec<ClipTokenizer> = match checkpoint.version {
        Some(version) => {
            let files = TokenizerFiles::of(version).into_iter();
            files.map(|files| ClipTokenizer::of_files(files, path, length)).collect::<Result<_, _>>()?
        }
        None => {
            let names = ["tokenizer", "tokenizer_2"].into_iter().take(checkpoint.text_encoders.len());
            names.map(|name| ClipTokenizer::open(&path.join(name), length)).collect::<Result<_, _>>()?
        }
    };
    let lengths = || tokenizers.iter().map(|tokenizer| tokenizer.sequences().length());
    if lengths().min() != lengths().max() {
        let problem = "its model_max_length is another than that of tokenizer/".to_owned();
        return Err(TokenizerError::Invalid { path: path.join("tokenizer_2"), problem });
    }
    Ok(tokenizers)
}

/// Reads a JSON file in the model's folder, if there is one.
fn read_beside<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, DiffusionError> {
    let path = folder.join(name);
    if path.is_file() { Ok(Some(ConfigFile::read(path)?.parse()?)) } else { Ok(None) }
}
