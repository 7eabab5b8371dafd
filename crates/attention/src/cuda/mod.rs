//! The fused kernels for NVIDIA GPUs.
//!
//! 1. `kernels/*.cu` is their source, `kernels/build.sh` builds the [`FATBIN`];
//! 2. [`launch`] turns a call of the operator into a kernel, a grid and a parameter;
//! 3. [`driver`] loads NVIDIA's driver on first use, and launches kernels on a stream;
//! 4. `op` does so with the tensors and the stream of ONNX Runtime's CUDA provider;
//! 5. `libraries` loads what that provider depends on;
//! 6. [`copy`] copies tensors to and from a GPU;
//! 7. [`memory`] adds what the trial, tests and measurements need;
//! 8. [`trial`] checks that a GPU computes correctly.
//!
//! f16 uses the tensor cores, f32 does not. Logits must be finite in f32, which those of f16 inputs always
//! are for a scale of up to 1; the CPU's kernel has no such limit.

pub mod copy;
pub mod driver;
mod functions;
pub mod launch;
#[cfg(unix)]
pub mod libraries;
pub mod memory;
pub(crate) mod op;
pub mod trial;

/// The kernels as `kernels/build.sh` compiles them: code for sm_75 to sm_90, and PTX.
pub static FATBIN: &[u8] = include_bytes!("../../kernels/modulated_attention.fatbin");
