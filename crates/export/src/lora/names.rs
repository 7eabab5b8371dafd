//! Maps a LoRA's modules to weights: by diffusers' names, or by those of Stable Diffusion's own code, with
//! dots or, as kohya's programs write them, underscores.

use std::collections::HashMap;

use crate::config::UNetConfig;
use crate::single_file::names::{UNetLayers, unet};
use crate::weights::{TEXT_PROJECTION, Tensors};

/// A model of a checkpoint that LoRAs can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Model {
    UNet,
    /// The text encoder with this number.
    TextEncoder(usize),
}

/// Prefixes of module names.
const PREFIXES: [(&str, Model); 10] = [
    ("lora_unet_", Model::UNet),
    ("unet.", Model::UNet),
    ("diffusion_model.", Model::UNet),
    ("lora_te_", Model::TextEncoder(0)),
    ("lora_te1_", Model::TextEncoder(0)),
    ("text_encoder.", Model::TextEncoder(0)),
    ("clip_l.", Model::TextEncoder(0)),
    ("lora_te2_", Model::TextEncoder(1)),
    ("text_encoder_2.", Model::TextEncoder(1)),
    ("clip_g.", Model::TextEncoder(1)),
];

/// Names that older diffusers used for the attention layers of text encoders.
const PROJECTIONS: [(&str, &str); 4] =
    [("_to_q", "_q_proj"), ("_to_k", "_k_proj"), ("_to_v", "_v_proj"), ("_to_out", "_out_proj")];

/// Names in Stable Diffusion's own code that contain an underscore.
const WORDS: [&str; 12] = [
    "input_blocks",
    "middle_block",
    "output_blocks",
    "transformer_blocks",
    "in_layers",
    "emb_layers",
    "out_layers",
    "skip_connection",
    "time_embed",
    "label_emb",
    "proj_in",
    "proj_out",
];

/// All weights of a checkpoint, by names with underscores for dots.
pub(crate) struct Names {
    keys: HashMap<(Model, String), String>,
    layers: UNetLayers,
}

impl Names {
    pub fn new(unet: (&UNetConfig, &Tensors), text_encoders: &[Tensors]) -> Self {
        let (config, tensors) = unet;
        let text_encoders = text_encoders.iter().enumerate().map(|(n, it)| (Model::TextEncoder(n), it));
        let models = std::iter::once((Model::UNet, tensors)).chain(text_encoders);
        let named = models.flat_map(|(model, tensors)| {
            // Embedding rows are gathered as stored.
            let changeable = tensors.keys().filter(|key| !key.contains("embeddings."));
            let weights = changeable.filter_map(|key| match key {
                TEXT_PROJECTION => Some((key, key)),
                _ => Some((key.strip_suffix(".weight")?, key)),
            });
            weights.map(move |(module, key)| ((model, flat(module)), key.to_owned()))
        });
        Self { keys: named.collect(), layers: UNetLayers::of(config) }
    }

    /// Returns the key of the weight that a module stands for.
    pub fn find(&self, module: &str) -> Option<(Model, String)> {
        let (rest, model) =
            PREFIXES.iter().find_map(|(prefix, model)| Some((module.strip_prefix(prefix)?, *model)))?;
        let mut own = flat(&rest.replace(".processor.", "."));
        if let Model::TextEncoder(_) = model
            && let Some((module, (_, name))) =
                PROJECTIONS.iter().find_map(|it| Some((own.strip_suffix(it.0)?, it)))
        {
            own = format!("{module}{name}");
        }
        let find = |name: String| self.keys.get(&(model, name)).map(|key| (model, key.clone()));
        find(own.clone()).or_else(|| find(format!("{own}_0"))).or_else(|| find(flat(&self.diffusers(rest)?)))
    }

    /// Returns diffusers' name of a UNet module named as in Stable Diffusion's own code.
    fn diffusers(&self, module: &str) -> Option<String> {
        let mut dotted = module.replace('_', ".");
        for word in WORDS {
            dotted = dotted.replace(&word.replace('_', "."), word);
        }
        let name = unet(&format!("{dotted}.weight"), self.layers)?;
        name.strip_suffix(".weight").map(str::to_owned)
    }
}

/// Returns a name with underscores for dots, without that of transformers' text models, which some omit.
fn flat(module: &str) -> String {
    let name = module.replace('.', "_");
    name.strip_prefix("text_model_").map(str::to_owned).unwrap_or(name)
}
