//! A checkpoint: a folder in the diffusers layout, or a single file.

use std::path::{Path, PathBuf};

use crate::config::{ConfigFile, ModelIndex, SafetyCheckerConfig, TextEncoderConfig, UNetConfig, VaeConfig};
use crate::error::Result;
use crate::lora::{self, Lora};
use crate::parts::{Parts, Version};
use crate::single_file;
use crate::text_encoder::Output;
use crate::weights::Tensors;
use crate::{ExportedModel, Precision, Target, safety_checker, text_encoder, unet, vae};

/// A Stable Diffusion checkpoint: its configuration, read and validated, and its weights, mapped.
#[derive(Debug)]
pub struct Checkpoint {
    /// The folder, or the file.
    pub path: PathBuf,
    /// The version of Stable Diffusion if this is a single file, which has no tokenizer of its own.
    pub version: Option<Version>,
    /// `text_encoder/config.json`, and `text_encoder_2/config.json` for Stable Diffusion XL.
    pub text_encoders: Vec<TextEncoderConfig>,
    /// `unet/config.json`.
    pub unet: UNetConfig,
    /// `vae/config.json`.
    pub vae: VaeConfig,
    /// `scheduler/scheduler_config.json`, uninterpreted.
    pub scheduler: ConfigFile,
    /// Whether an empty negative text has zeros for its embeddings.
    pub force_zeros_for_empty_prompt: bool,
    pub(crate) text_encoder_tensors: Vec<Tensors>,
    pub(crate) unet_tensors: Tensors,
    pub(crate) vae_tensors: Tensors,
}

/// A checkpoint's safety checker: diffusers' `StableDiffusionSafetyChecker`.
#[derive(Debug)]
pub struct SafetyChecker {
    /// `safety_checker/config.json`.
    pub config: SafetyCheckerConfig,
    tensors: Tensors,
}

impl Checkpoint {
    /// Reads the configuration and maps the weights of `path`, preferring plain files to their f16 variant. A
    /// file is taken for a whole checkpoint.
    ///
    /// # Errors
    /// What is missing, damaged or not supported, in one line.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let parts = if path.is_file() { single_file::open(path)? } else { Parts::open(path)? };
        let (files, text_encoder_tensors): (Vec<_>, Vec<_>) =
            parts.text_encoders.into_iter().map(|part| (part.config, part.tensors)).unzip();
        let text_encoders = files.iter().map(TextEncoderConfig::parse).collect::<Result<Vec<_>>>()?;
        let unet = UNetConfig::parse(&parts.unet.config)?;
        let vae = VaeConfig::parse(&parts.vae.config)?;
        agree(&parts.unet.config, &unet, &vae, &text_encoders)?;
        Ok(Self {
            text_encoders,
            unet,
            vae,
            scheduler: parts.scheduler,
            force_zeros_for_empty_prompt: parts.force_zeros_for_empty_prompt,
            text_encoder_tensors,
            unet_tensors: parts.unet.tensors,
            vae_tensors: parts.vae.tensors,
            path: path.into(),
            version: parts.version,
        })
    }

    /// Applies LoRAs to the checkpoint.
    ///
    /// # Errors
    /// A file that is damaged or not a LoRA, and a LoRA for weights that this checkpoint does not have.
    pub fn with_loras(mut self, loras: &[Lora]) -> Result<Self> {
        if loras.is_empty() {
            return Ok(self);
        }
        let names = lora::Names::new((&self.unet, &self.unet_tensors), &self.text_encoder_tensors);
        for (number, lora) in loras.iter().enumerate() {
            for ((model, key), delta) in lora::read(lora, number, &names)? {
                match model {
                    lora::Model::UNet => &mut self.unet_tensors,
                    lora::Model::TextEncoder(n) => &mut self.text_encoder_tensors[n],
                }
                .change(&key, delta)?;
            }
        }
        Ok(self)
    }

    /// Whether it is Stable Diffusion XL, which has two text encoders.
    pub fn is_xl(&self) -> bool {
        self.text_encoders.len() == 2
    }

    /// Checks every weight for NaN and infinity, as caused by flipped bits. This takes almost a second per GB
    /// of f16, so it is no part of opening: it finds the tensor once a result is not finite.
    ///
    /// # Errors
    /// [`ExportError::NotFinite`](crate::ExportError::NotFinite), the first by key.
    pub fn check_finite(&self) -> Result<()> {
        self.text_encoder_tensors.iter().try_for_each(Tensors::check_finite)?;
        self.unet_tensors.check_finite()?;
        self.vae_tensors.check_finite()?;
        match self.safety_checker() {
            Ok(Some(checker)) => checker.tensors.check_finite(),
            // A safety checker that cannot be used may hold anything.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Opens `safety_checker/`, if it exists and the model index does not say that there is none.
    ///
    /// # Errors
    /// What is missing, damaged or not supported, in one line.
    pub fn safety_checker(&self) -> Result<Option<SafetyChecker>> {
        let folder = self.path.join("safety_checker");
        if !folder.is_dir() || !ModelIndex::may_have_safety_checker(&self.path)? {
            return Ok(None);
        }
        let config = SafetyCheckerConfig::parse(&ConfigFile::read(folder.join("config.json"))?)?;
        Ok(Some(SafetyChecker { config, tensors: Tensors::open(&folder, "model")? }))
    }

    /// Returns each text encoder's graph: `input_ids` i64 \[B, L\] -> `last_hidden_state` f32 \[B, L,
    /// hidden_size\]; of XL, `hidden_states`, the last layer's input, and from the second `text_embeds` f32
    /// \[B, projection_dim\].
    ///
    /// # Errors
    /// A tensor that is missing or has another shape or type than the configuration says.
    pub fn text_encoder_models(&self, precision: Precision) -> Result<Vec<ExportedModel>> {
        let outputs: &[Output] = match self.is_xl() {
            false => &[Output::LastHiddenState],
            true => &[Output::Penultimate, Output::PenultimateAndText],
        };
        let encoders = self.text_encoders.iter().zip(&self.text_encoder_tensors).zip(outputs);
        encoders
            .map(|((config, tensors), output)| text_encoder::build(config, tensors, precision, *output))
            .collect()
    }

    /// The graph of the denoiser.
    ///
    /// Inputs: `sample` f32 \[B, C, H, W\]; `timestep` f32 \[B or 1\]; `encoder_hidden_states` f32 \[B, L,
    /// D\]; `modulate` bool \[\], whether the step is modulated, or for CUDA `modulated` bool \[0 or more\],
    /// empty if not; for XL `text_embeds` f32 \[B, projection_dim\] and `time_ids` f32 \[B, 6\];
    /// `token_regions` i32 \[B or 1, L\]; and for each level r of [`UNetConfig::attention_levels`], of N_r
    /// cells: `pixel_regions_r` i32 \[B or 1, N_r\], `self_strength_r` and `cross_strength_r` f32 \[B, N_r\].
    /// Output: `out_sample` f32 \[B, out_channels, H, W\]. Any H and W from 1: levels halve, rounding up.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape or type than the configuration says.
    pub fn unet_model(&self, target: impl Into<Target>) -> Result<ExportedModel> {
        unet::build(&self.unet, &self.unet_tensors, target.into())
    }

    /// Returns the graph of the encoder: `sample` f32 \[B, 3, H, W\] within -1..1, with sides that are
    /// multiples of s = [`VaeConfig::scale`], -> `latent_parameters` f32 \[B, 2C, H/s, W/s\]: the latents'
    /// means, not yet multiplied by the scaling factor, then their log-variances.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape or type than the configuration says.
    pub fn vae_encoder_model(&self, target: impl Into<Target>) -> Result<ExportedModel> {
        vae::encoder(&self.vae, &self.vae_tensors, self.vae_target(target.into()))
    }

    /// Returns the graph of the decoder: `latent_sample` f32 \[B, C, H, W\], already divided by the scaling
    /// factor, -> `sample` f32 \[B, 3, sH, sW\] with s = [`VaeConfig::scale`], nominally within -1..1.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape or type than the configuration says.
    pub fn vae_decoder_model(&self, target: impl Into<Target>) -> Result<ExportedModel> {
        vae::decoder(&self.vae, &self.vae_tensors, self.vae_target(target.into()))
    }

    /// Computes in f32 what overflows in f16, like diffusers' `StableDiffusionXLPipeline`.
    fn vae_target(&self, target: Target) -> Target {
        match self.is_xl() && self.vae.force_upcast {
            true => Target { precision: Precision::F32, ..target },
            false => target,
        }
    }
}

impl SafetyChecker {
    /// Returns the graph: `clip_input` f32 \[B, 3, S, S\] with S = [`SafetyCheckerConfig::image_size`],
    /// pixels normalised by CLIP's image processor, -> `concept_scores` f32 \[B, 17\], rounded to 3 digits as
    /// in diffusers, which flags a picture if any is above 0; and `image_embeds` f32 \[B, projection_dim\].
    ///
    /// # Errors
    /// A tensor that is missing or has another shape or type than the configuration says.
    pub fn model(&self, precision: Precision) -> Result<ExportedModel> {
        safety_checker::build(&self.config, &self.tensors, precision)
    }
}

/// Checks that the parts' configurations are consistent.
fn agree(file: &ConfigFile, unet: &UNetConfig, vae: &VaeConfig, text: &[TextEncoderConfig]) -> Result<()> {
    for (key, channels) in [("in_channels", unet.in_channels), ("out_channels", unet.out_channels)] {
        file.require(channels == vae.latent_channels, || {
            format!("{key} = {channels}, but the VAE has latent_channels = {}", vae.latent_channels)
        })?;
    }
    let second = text.get(1);
    let [found, expected] = [unet.addition.map(|it| it.text), second.map(|text| text.projection_dim)];
    file.require(found == expected, || match (found, expected) {
        (Some(_), None) => "addition_embed_type = \"text_time\", but there is no second text encoder".into(),
        (None, _) => "there is a second text encoder, but no addition_embed_type".into(),
        (Some(found), Some(expected)) => format!(
            "projection_class_embeddings_input_dim leaves {found} to the text, but the second text encoder has projection_dim = {expected}"
        ),
    })?;
    let hidden_size: usize = text.iter().map(|text| text.clip.hidden_size).sum();
    for level in unet.attention_levels() {
        let width = unet.cross_attention_dim[level];
        file.require(width == hidden_size, || {
            format!("cross_attention_dim = {width}, but the text encoder has hidden_size = {hidden_size} (of two, both together)")
        })?;
    }
    // Both get the same tokens.
    file.require(text.iter().all(|it| it.vocab_size == text[0].vocab_size), || {
        "the two text encoders have different vocab_size, which is not supported".into()
    })?;
    file.require(text.iter().all(|it| it.max_position_embeddings == text[0].max_position_embeddings), || {
        "the two text encoders have different max_position_embeddings, which is not supported".into()
    })
}
