//! `model_index.json`: the classes of the parts.

use std::path::Path;

use serde_json::Value;

use super::ConfigFile;
use crate::error::{ExportError, Result};

/// The parts that this project needs, and the classes it supports for them.
const PARTS: [(&str, &[&str]); 3] = [
    ("text_encoder", &["CLIPTextModel", "CLIPTextModelWithProjection"]),
    ("unet", &["UNet2DConditionModel"]),
    ("vae", &["AutoencoderKL"]),
];

/// The class of safety checkers.
const SAFETY_CHECKER: &str = "StableDiffusionSafetyChecker";

/// The class of Stable Diffusion XL's second text encoder.
const SECOND_TEXT_ENCODER: &str = "CLIPTextModelWithProjection";

/// The model index of a supported pipeline.
pub(crate) struct ModelIndex {
    /// Whether there is a second text encoder, which means Stable Diffusion XL.
    pub is_xl: bool,
    /// Whether an empty negative text has zeros for its embeddings.
    pub force_zeros_for_empty_prompt: bool,
}

impl ModelIndex {
    /// Reads the index and checks the classes of the parts.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("model_index.json");
        if !path.is_file() {
            let what = "no model_index.json here; a model folder in the diffusers layout is expected, or a .safetensors file".into();
            return Err(ExportError::Incomplete { path: folder.into(), what });
        }
        let file = ConfigFile::read(path)?;
        for (part, classes) in PARTS {
            let class = file.json.get(part).and_then(|entry| entry.get(1));
            let class = class.ok_or_else(|| file.error(format!("no {part} is listed")))?;
            if !class.as_str().is_some_and(|class| classes.contains(&class)) {
                return Err(file.unsupported(part, class, classes));
            }
        }
        let second = file.json.get("text_encoder_2").and_then(|entry| entry.get(1)).unwrap_or(&Value::Null);
        let is_xl = !second.is_null();
        if is_xl && second != SECOND_TEXT_ENCODER {
            return Err(file.unsupported("text_encoder_2", second, [SECOND_TEXT_ENCODER, "none"]));
        }
        let force_zeros_for_empty_prompt = file.flag("force_zeros_for_empty_prompt", is_xl)?;
        Ok(Self { is_xl, force_zeros_for_empty_prompt })
    }

    /// Whether the pipeline may have a safety checker: unless the index says that it has none. Many list one
    /// that was left out.
    pub fn may_have_safety_checker(folder: &Path) -> Result<bool> {
        let file = ConfigFile::read(folder.join("model_index.json"))?;
        match file.json.get("safety_checker").and_then(|entry| entry.get(1)) {
            Some(Value::Null) => Ok(false),
            Some(class) if class != SAFETY_CHECKER => {
                Err(file.unsupported("safety_checker", class, [SAFETY_CHECKER, "null"]))
            }
            _ => Ok(true),
        }
    }
}
