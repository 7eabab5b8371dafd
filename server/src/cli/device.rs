//! Where the networks run and how: options that several subcommands have.

use std::path::Path;

use diffusion::{CudaOptions, Device, LoadOptions, Lora, Precision};

#[derive(Debug, clap::Args)]
pub struct DeviceArgs {
    /// auto, cpu, cuda or cuda:N
    #[arg(long, env = "DENSE_DIFFUSION_DEVICE", default_value = "auto")]
    pub device: Device,
    /// What the networks compute in
    #[arg(long, env = "DENSE_DIFFUSION_PRECISION", value_enum, default_value_t = PrecisionArg::Auto)]
    precision: PrecisionArg,
    /// What is tried on CUDA (warpgroups, unbranched, graphs) and options of ONNX Runtime's CUDA provider, with commas between:
    /// gpu_mem_limit=8000000000
    #[arg(
        long,
        env = "DENSE_DIFFUSION_CUDA_OPTIONS",
        value_name = "LIST",
        default_value = "",
        hide_default_value = true
    )]
    cuda_options: CudaOptions,
    #[command(flatten)]
    pub loras: LoraArgs,
}

#[derive(Debug, clap::Args)]
pub struct LoraArgs {
    /// A LoRA that changes the model, and how strongly [default: 1]; may be given several times
    #[arg(long = "lora", env = "DENSE_DIFFUSION_LORA", value_name = "FILE[:WEIGHT]", value_delimiter = ',', value_parser = lora)]
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
    /// How a checkpoint is opened on `device`, which was chosen by these options.
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
            loras: self.loras.loras.clone(),
            ..LoadOptions::default()
        }
    }
}

/// `FILE`, or `FILE:WEIGHT`.
fn lora(text: &str) -> Result<Lora, String> {
    let weighted = text.rsplit_once(':').and_then(|(path, weight)| Some((path, weight.parse::<f32>().ok()?)));
    let (path, weight) = weighted.filter(|_| !Path::new(text).is_file()).unwrap_or((text, 1.0));
    match () {
        () if !Path::new(path).is_file() => Err(format!("there is no file {path}")),
        () if !weight.is_finite() => Err("the weight must be a number such as 0.8".to_owned()),
        () => Ok(Lora { path: path.into(), weight }),
    }
}
