//! LoRAs (Hu et al. 2021, arXiv 2106.09685): small files of changes, W' = W + weight * alpha / r * up down.
//!
//! Nothing is merged on disk: a changed weight is that formula in the graph, on the tensors in both files. It
//! has no inputs, so ONNX Runtime computes it once on loading, and steps cost no more than without.

mod names;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{ExportError, Result};
use crate::weights::{self, Delta, TEXT_PROJECTION, Tensors, Weight};
pub(crate) use names::{Model, Names};

/// A LoRA to be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Lora {
    /// A `.safetensors` file.
    pub path: PathBuf,
    /// Its strength; 1 is what it was trained for.
    pub weight: f32,
}

/// Suffixes of the two factors' names in files of kohya, of diffusers and of older diffusers.
const FACTORS: [(&str, &str); 5] = [
    (".lora_down.weight", ".lora_up.weight"),
    (".lora_A.weight", ".lora_B.weight"),
    (".lora.down.weight", ".lora.up.weight"),
    (".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"),
    ("_lora.down.weight", "_lora.up.weight"),
];

/// Reads the changes in a file, by model and weight key. `number` tells LoRAs of one checkpoint apart.
///
/// # Errors
/// A file that is damaged or not a LoRA, and a change to a weight that the checkpoint does not have.
pub(crate) fn read(lora: &Lora, number: usize, names: &Names) -> Result<HashMap<(Model, String), Delta>> {
    let tensors = Tensors::map(lora.path.clone(), [lora.path.clone()], &format!("lora_{number}."))?;
    tensors.check_finite()?;
    let settings = Settings::of(&tensors)?;
    let mut deltas = HashMap::new();
    let mut keys: Vec<&str> = tensors.keys().collect();
    keys.sort_unstable();
    let modules: HashSet<&str> = keys.iter().filter_map(|key| Some(factors(key)?.0)).collect();
    for key in keys {
        let Some((module, up)) = factors(key) else {
            match other_parts(key).any(|module| modules.contains(module)) {
                true => continue,
                false => return Err(error(&lora.path, unknown(key, &tensors))),
            }
        };
        let (down, up) = (factor(&tensors, key, number)?, factor(&tensors, &up, number)?);
        let rank = down.dims[0];
        if rank == 0 || up.dims[1] != rank {
            let what = format!("`{key}` has {rank} rows, but its other half has {} columns", up.dims[1]);
            return Err(error(&lora.path, what));
        }
        let alpha = match format!("{module}.alpha") {
            key if tensors.contains(&key) => tensors.number(&key)?,
            _ => settings.alpha(module).unwrap_or(rank as f64),
        };
        let (model, weight) = names.find(module).ok_or_else(|| {
            let what =
                format!("`{module}` is not in this checkpoint; is the LoRA for another Stable Diffusion?");
            error(&lora.path, what)
        })?;
        let scale = (f64::from(lora.weight) * alpha / rank as f64) as f32;
        let transposed = weight == TEXT_PROJECTION;
        let delta = Delta { module: module.to_owned(), up, down, transposed, scale };
        if deltas.insert((model, weight), delta).is_some() {
            let what = format!("what `{module}` changes is there twice, perhaps by names of two kinds");
            return Err(error(&lora.path, what));
        }
    }
    match deltas.is_empty() {
        true => Err(error(&lora.path, "this is no LoRA: it has no tensors".into())),
        false => Ok(deltas),
    }
}

/// Returns the module that `key` is the first factor of, and the other factor's key.
fn factors(key: &str) -> Option<(&str, String)> {
    FACTORS
        .iter()
        .find_map(|(down, up)| key.strip_suffix(down).map(|module| (module, format!("{module}{up}"))))
}

/// Returns the modules that `key` may belong to if it is not the first factor.
fn other_parts(key: &str) -> impl Iterator<Item = &str> {
    let ends = FACTORS.iter().map(|(_, up)| *up).chain([".alpha"]);
    ends.filter_map(move |end| key.strip_suffix(end))
}

/// Returns a factor as a matrix, under a name that no tensor of the checkpoint has in a graph.
fn factor(tensors: &Tensors, key: &str, number: usize) -> Result<Weight> {
    let shape = tensors.shape_of(key)?;
    let mut weight = tensors.get(key, shape, &weights::matrix(shape))?;
    weight.key = format!("lora_{number}.{key}");
    Ok(weight)
}

/// PEFT's `LoraConfig` in a file that diffusers wrote, if it has one: `unet.lora_alpha` and the like.
struct Settings(Value);

impl Settings {
    fn of(tensors: &Tensors) -> Result<Self> {
        let text = tensors.metadata("lora_adapter_metadata").unwrap_or("{}");
        let settings: Value = serde_json::from_str(text).map_err(|cause| {
            error(tensors.origin(), format!("lora_adapter_metadata is not JSON: {cause}"))
        })?;
        for (key, value) in settings.as_object().into_iter().flatten() {
            let is_set = match value {
                Value::Bool(value) => *value,
                Value::Object(value) => !value.is_empty(),
                _ => false,
            };
            let key = key.rsplit('.').next().unwrap_or(key);
            if is_set && ["alpha_pattern", "use_dora", "use_rslora"].contains(&key) {
                return Err(error(tensors.origin(), format!("{key} = {value} is not supported")));
            }
        }
        Ok(Self(settings))
    }

    /// The alpha of all modules of this module's model.
    fn alpha(&self, module: &str) -> Option<f64> {
        let model = module.split('.').next()?;
        self.0.get(format!("{model}.lora_alpha"))?.as_f64()
    }
}

/// Explains why a LoRA with a tensor that belongs to no pair of factors cannot be read.
fn unknown(key: &str, tensors: &Tensors) -> String {
    let kinds = [
        ("hada_", "a LoHa"),
        ("lokr_", "a LoKr"),
        ("dora_scale", "a DoRA"),
        ("lora_magnitude_vector", "a DoRA"),
        ("lora_mid", "a LoCon with a core (Tucker decomposition)"),
        ("oft_", "an OFT"),
        ("bundle_emb", "a LoRA with words of its own (embeddings)"),
    ];
    let kind = kinds.iter().find(|(mark, _)| tensors.keys().any(|key| key.contains(mark)));
    match kind {
        Some((_, kind)) => format!("this is {kind}; plain LoRAs are supported"),
        None => format!("this is no LoRA, or one of another kind: it has a tensor `{key}`"),
    }
}

fn error(path: &Path, what: String) -> ExportError {
    ExportError::Config { path: path.into(), what }
}
