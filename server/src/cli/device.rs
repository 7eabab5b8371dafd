//! Where the networks run and how: options that several subcommands have.

use std::path::{Path, PathBuf};

use diffusion::{CudaOptions, Device, LoadOptions, Lora, Precision};

/// In place of a folder.
const OFF: &str = "off";

#[derive(Debug, clap::Args)]
pub struct DeviceArgs {
    /// auto, cpu, cuda or cuda:N
    #[arg(long, env = "DENSE_DIFFUSION_DEVICE", default_value = "auto")]
    pub device: Device,
    /// What the networks compute in
    #[arg(long, env = "DENSE_DIFFUSION_PRECISION", value_enum, default_value_t = PrecisionArg::Auto)]
    precision: PrecisionArg,
    /// On CUDA: flash, no-graphs, and options of ONNX Runtime's CUDA provider such as gpu_mem_limit=8000000000, with commas between
    #[arg(
        long,
        env = "DENSE_DIFFUSION_CUDA_OPTIONS",
        value_name = "LIST",
        default_value = "",
        hide_default_value = true
    )]
    cuda_options: CudaOptions,
    /// Folder that keeps the networks as they were optimised for this processor, so that the next start takes a tenth of the
    /// time; as large as the checkpoint in f32. off keeps nothing [default: dense-diffusion/graphs in the user's cache folder]
    #[arg(long, env = "DENSE_DIFFUSION_GRAPH_CACHE", value_name = "DIR")]
    graph_cache: Option<PathBuf>,
    #[command(flatten)]
    pub loras: LoraArgs,
}

#[derive(Debug, clap::Args)]
pub struct LoraArgs {
    /// A LoRA that changes the model, and how strongly [default: 1]; may be given several times (the variable has room for one)
    #[arg(long = "lora", env = "DENSE_DIFFUSION_LORA", value_name = "FILE[:WEIGHT]", value_parser = lora)]
    pub loras: Vec<Lora>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PrecisionArg {
    /// f16 on CUDA, f32 on the CPU
    Auto,
    F32,
    F16,
}

impl DeviceArgs {
    /// The folder of cached graphs, if any.
    fn graph_cache(&self) -> Option<PathBuf> {
        match &self.graph_cache {
            Some(folder) if folder.as_os_str() == OFF => None,
            Some(folder) => Some(folder.clone()),
            None => Some(dirs::cache_dir()?.join("dense-diffusion/graphs")),
        }
    }

    /// How to load a checkpoint on `device`, chosen by these options.
    pub fn load(&self, device: Device) -> LoadOptions {
        let precision = match self.precision {
            PrecisionArg::Auto => None,
            PrecisionArg::F32 => Some(Precision::F32),
            PrecisionArg::F16 => Some(Precision::F16),
        };
        LoadOptions {
            device,
            precision,
            cuda: self.cuda_options.clone(),
            graph_cache: self.graph_cache(),
            loras: self.loras.loras.clone(),
            ..LoadOptions::default()
        }
    }
}

/// Parses `FILE` or `FILE:WEIGHT`.
fn lora(text: &str) -> Result<Lora, String> {
    if Path::new(text).is_file() {
        return Ok(Lora { path: text.into(), weight: 1.0 });
    }
    match text.rsplit_once(':').filter(|(path, _)| Path::new(path).is_file()) {
        Some((path, weight)) => match weight.parse::<f32>() {
            Ok(weight) if weight.is_finite() => Ok(Lora { path: path.into(), weight }),
            _ => Err(format!("the weight {weight:?} is no number such as 0.8")),
        },
        None => Err(format!("there is no file {text:?}")),
    }
}
