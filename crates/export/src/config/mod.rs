//! The configuration files of a diffusers folder, as types. Keys that do not affect the computation are
//! ignored; those that ask for something unsupported are an error that names file, key and value.

mod activation;
mod clip;
mod json;
mod model_index;
mod safety_checker;
mod text_encoder;
mod unet;
mod vae;

pub use activation::Activation;
pub use clip::ClipConfig;
pub use json::ConfigFile;
pub(crate) use model_index::ModelIndex;
pub use safety_checker::SafetyCheckerConfig;
pub use text_encoder::TextEncoderConfig;
pub use unet::{Addition, BlockKind, TIME_IDS, UNetConfig};
pub use vae::VaeConfig;
