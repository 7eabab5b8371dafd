//! The parts of a checkpoint.

use std::path::Path;

use crate::config::{ConfigFile, ModelIndex};
use crate::error::Result;
use crate::weights::Tensors;

/// The version of Stable Diffusion of a single-file checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.x, with CLIP's text encoder.
    Sd1,
    /// 2.x, with OpenCLIP's.
    Sd2,
    /// XL, with both.
    Xl,
}

/// A checkpoint on disk.
pub(crate) struct Parts {
    pub version: Option<Version>,
    pub force_zeros_for_empty_prompt: bool,
    pub text_encoders: Vec<Part>,
    pub unet: Part,
    pub vae: Part,
    pub scheduler: ConfigFile,
}

/// A model of a checkpoint.
pub(crate) struct Part {
    pub config: ConfigFile,
    pub tensors: Tensors,
}

impl Parts {
    /// Opens a folder in the diffusers layout.
    pub fn open(folder: &Path) -> Result<Self> {
        let ModelIndex { is_xl, force_zeros_for_empty_prompt } = ModelIndex::open(folder)?;
        let part = |name: &str, stem: &str| {
            let folder = folder.join(name);
            let config = ConfigFile::read(folder.join("config.json"))?;
            Ok(Part { config, tensors: Tensors::open(&folder, stem)? })
        };
        let mut text_encoders = vec![part("text_encoder", "model")?];
        if is_xl {
            text_encoders.push(part("text_encoder_2", "model")?);
        }
        Ok(Self {
            version: None,
            force_zeros_for_empty_prompt,
            text_encoders,
            unet: part("unet", "diffusion_pytorch_model")?,
            vae: part("vae", "diffusion_pytorch_model")?,
            scheduler: ConfigFile::read(folder.join("scheduler").join("scheduler_config.json"))?,
        })
    }
}
