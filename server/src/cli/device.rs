//! Where the networks run and how: options that several subcommands have.

use diffusion::{CudaOptions, Device, LoadOptions, Precision};

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
        LoadOptions { device, precision, cuda: self.cuda_options.clone(), ..LoadOptions::default() }
    }
}
