//! The fused kernels for NVIDIA's GPUs.
//!
//! 1. `kernels/*.cu` is their source, `kernels/build.sh` makes the [`FATBIN`];
//! 2. [`launch`] turns a call of the operator into a kernel, a grid and a parameter;
//! 3. [`driver`] loads NVIDIA's driver when it is needed, and puts the call into a stream;
//! 4. `op` does so with the tensors and the stream of ONNX Runtime's CUDA provider;
//! 5. `libraries` looks for what that provider stands on;
//! 6. [`copy`] copies tensors to and from a card;
//! 7. [`memory`] is what the trial, tests and measurements need beyond that;
//! 8. [`trial`] looks whether a card computes what it should.
//!
//! f16 goes through the tensor cores, f32 does not. Logits must be finite in f32, which those of f16 inputs always are
//! for a scale of up to 1; the CPU's kernel has no such limit.

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
