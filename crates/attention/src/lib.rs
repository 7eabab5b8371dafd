//! Attention whose logits are modulated by regions, as one ONNX operator (`dense_diffusion::ModulatedAttention`).
//!
//! ```text
//! ModulatedAttention(Q [B,N,H*d], K [B,M,H*d], V [B,M,H*d],
//!                    query_regions [B|1,N] i32, key_regions [B|1,M] i32, strength [B,N] f32,
//!                    modulated [0 or more] bool, optional;
//!                    num_heads, scale) -> [B,N,H*d]
//! sim         = scale * Q K^T                                   per head
//! inside(i,j) = query_regions[i] & key_regions[j] != 0
//! sim'(i,j)   = sim(i,j) + strength[i] * ((inside(i,j) ? max_j sim(i,j) : min_j sim(i,j)) - sim(i,j))
//! result      = softmax_j(sim') V
//! ```
//!
//! A negative strength -c is the ablation without the value-range adaptive terms, for comparison only:
//!
//! ```text
//! sim'(i,j)   = sim(i,j) + (inside(i,j) ? c : -c)
//! ```
//!
//! This is the modulation of "Dense Text-to-Image Generation with Attention Modulation" (arXiv 2308.12964,
//! section 3.2). Regions are bit sets, so one operator serves self-attention (pixels' regions on both sides)
//! and cross-attention (tokens' regions as keys). Strength 0 is plain attention. If all strengths are 0, the
//! caller may pass an empty `modulated` to tell the kernel's host code: only its shape is read.
//!
//! The operator has four implementations, which tests compare:
//! 1. [`mod@reference`], the formula in f64;
//! 2. [`function()`], a model-local ONNX function of standard operators, for any ONNX runtime;
//! 3. [`kernel`], the fused CPU kernel. [`operator_domain`] registers it with a session of this process, and
//!    the cdylib's `RegisterCustomOps` with sessions of other programs;
//! 4. [`cuda`], the fused kernels for NVIDIA GPUs, also compiled as C++ to test their arithmetic.

pub mod cuda;
mod domain;
mod element;
mod function;
mod inputs;
pub mod kernel;
mod library;
mod op;
mod plain;
pub mod reference;
pub mod runtime;

pub use domain::{cuda_operator_domain, operator_domain};
pub use element::Element;
pub use function::function;
pub use inputs::{Dimensions, Inputs, ShapeError, Shapes, Tensor, Tensors};
pub use onnx::{DENSE_DIFFUSION as DOMAIN, DENSE_DIFFUSION_VERSION as DOMAIN_VERSION};

/// The operator's name within [`DOMAIN`].
pub const OP_NAME: &str = "ModulatedAttention";
