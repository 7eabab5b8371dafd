//! The fused kernels for NVIDIA's GPUs.
//!
//! 1. `kernels/*.cu` is their source, `kernels/build.sh` makes the fatbin;
//! 2. [`launch`] turns a call of the operator into a kernel, a grid and a parameter.

pub mod launch;
