//! Exports Stable Diffusion checkpoints (diffusers layout or single file) as ONNX graphs, with
//! ModulatedAttention in every attention layer of the UNet.
//!
//! 1. [`Checkpoint`]: the folder, or the file (`single_file`); [`config`] is read and checked, [`weights`] are mapped, not read;
//!    [`Lora`]s may change some;
//! 2. `text_encoder`, `unet`, `vae`, `safety_checker`: builders that read like the models;
//! 3. [`ExportedModel`]: a graph whose initializers refer to the mapped weights by checkpoint key;
//! 4. [`write()`]: the same as files that any ONNX Runtime loads.

mod checkpoint;
mod clip;
pub mod config;
mod error;
mod exported;
mod features;
mod group_norm;
mod layers;
mod lora;
mod parts;
mod resnet;
mod safety_checker;
mod scope;
mod single_file;
mod text_encoder;
mod unet;
mod usual;
mod vae;
pub mod weights;
mod write;

// The tests' common module calls this crate by its name.
#[cfg(test)]
extern crate self as export;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

pub use checkpoint::{Checkpoint, SafetyChecker};
pub use error::{ExportError, Result};
pub use exported::ExportedModel;
pub use lora::Lora;
pub use parts::Version;
pub use single_file::TokenizerFiles;
pub use usual::Usual;
pub use weights::Weight;
pub use write::{Linked, Written, write};

/// The element type a graph computes in; inputs and outputs are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// f32; half-precision weights are converted when the graph is loaded.
    #[default]
    F32,
    /// f16, for devices that support it.
    F16,
}

/// What a graph is built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The precision it computes in.
    pub precision: Precision,
    /// Whether it runs on ONNX Runtime's CUDA provider, and may use its operators. It then has no control
    /// flow: strengths are 0 in steps without modulation, where other graphs branch to plain attention.
    pub cuda: bool,
}

impl From<Precision> for Target {
    /// A target for any provider.
    fn from(precision: Precision) -> Self {
        Self { precision, ..Self::default() }
    }
}

impl Precision {
    pub(crate) fn dtype(self) -> onnx::DataType {
        match self {
            Self::F32 => onnx::DataType::Float,
            Self::F16 => onnx::DataType::Float16,
        }
    }
}
