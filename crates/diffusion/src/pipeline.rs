//! The whole method on one screen: tokenise, encode, modulate and denoise, decode.

use std::cell::OnceCell;
use std::sync::Arc;

use layout::{Layout, LevelMasks};
use request::Generation;

use crate::error::DiffusionError;
use crate::inpainting::{Canvas, InpaintError, Kept};
use crate::loaded::Pipeline;
use crate::models::{Conditioning, UNetCall, time_ids};
use crate::modulation::Modulator;
use crate::noise::TorchGenerator;
use crate::painting::Painting;
use crate::prompt::{Embeddings, Prompt};
use crate::watch::{CancelToken, LatentShape, Progress};

impl Pipeline {
    /// Paints `generation` on `canvas` (DenseDiffusion, section 3; otherwise diffusers' `StableDiffusionPipeline`).
    /// `seed` means what it means to `torch.manual_seed` on the CPU. `watch` sees the noise and the latents after every
    /// step; `cancel` is looked at between steps.
    ///
    /// # Errors
    /// Phrases that are not in the full text, a size or schedule that the checkpoint does not have, weights that are
    /// damaged, and [`DiffusionError::Cancelled`].
    pub fn generate<'a>(
        &self,
        generation: &Generation,
        canvas: impl Into<Canvas<'a>>,
        seed: u64,
        cancel: &CancelToken,
        watch: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Painting<'_>, DiffusionError> {
        let canvas = canvas.into();
        let prompt = Prompt::tokenise(&self.tokenizer, generation)?;
        let guidance = Guidance::new(generation);
        let shape = self.latent_shape(generation)?;
        let modulator = self.modulator(generation, canvas.layout, &guidance, shape)?;
        let mut scheduler = self.scheduler(generation)?;
        let Embeddings { unconditional, conditional } = prompt.encode(&self.text_encoder)?;
        let time_ids = time_ids(generation.size);
        let conditioning = Arc::new(Conditioning {
            prompt_embeds: guidance.batch(&unconditional.tokens, &conditional.tokens, shape.samples).into(),
            text_embeds: guidance.batch(&unconditional.text, &conditional.text, shape.samples).into(),
            time_ids: guidance.batch(&time_ids, &time_ids, shape.samples).into(),
            token_regions: prompt.token_regions().into(),
            pixel_regions: modulator.pixel_regions(),
        });
        let mut generator = TorchGenerator::new(seed);

        let noise = generator.randn(shape.len());
        let kept = self.kept(generation, &canvas, &modulator.masks)?;
        let mut latents: Vec<f32> = noise.iter().map(|value| value * scheduler.init_noise_sigma()).collect();
        let mut pred_original_sample = latents.clone();
        let steps = scheduler.timesteps().len();
        let unet = self.unet.join(shape, &conditioning);
        for step in 0..steps {
            watch(&self.progress(step, steps, &latents, &pred_original_sample, shape));
            if cancel.is_cancelled() {
                return Err(DiffusionError::Cancelled);
            }
            let timestep = scheduler.timesteps()[step];
            let mut input = guidance.batch(&latents, &latents, 1);
            scheduler.scale_model_input(&mut input, step);
            let output = guidance.combine(unet.predict(UNetCall {
                latents: input.into(),
                shape: LatentShape { samples: guidance.unconditional + shape.samples, ..shape },
                pictures: shape.samples,
                timestep: [timestep].into(),
                conditioning: Arc::clone(&conditioning),
                strengths: modulator.at(step, steps, timestep),
            })?);
            pred_original_sample = scheduler.step(&output, step, &mut latents, &mut |n| generator.randn(n));
            if let Some(kept) = &kept {
                kept.restore(&mut latents, &noise, &*scheduler, step + 1);
                kept.restore_finished(&mut pred_original_sample, &noise);
            }
        }
        drop(unet);
        watch(&self.progress(steps, steps, &latents, &pred_original_sample, shape));
        Ok(Painting { notes: prompt.notes, pipeline: self, latents, shape, kept })
    }

    fn modulator<'a>(
        &'a self,
        generation: &'a Generation,
        layout: &Layout,
        guidance: &Guidance,
        shape: LatentShape,
    ) -> Result<Modulator<'a>, DiffusionError> {
        let latent = (shape.height, shape.width);
        Ok(Modulator {
            settings: &generation.modulation,
            masks: LevelMasks::new(layout, latent, self.levels, generation.masks)?,
            attention_levels: &self.attention_levels,
            unconditional: guidance.unconditional,
            conditional: shape.samples,
            plain: OnceCell::new(),
        })
    }

    /// What stays of the picture, where only some regions are painted anew.
    fn kept(
        &self,
        generation: &Generation,
        canvas: &Canvas<'_>,
        masks: &LevelMasks,
    ) -> Result<Option<Kept>, DiffusionError> {
        let Some(inpaint) = &generation.inpaint else { return Ok(None) };
        let image = canvas.image.ok_or(InpaintError::Missing)?;
        let (size, (width, height)) = (generation.size, image.dimensions());
        if (width, height) != (size.width(), size.height()) {
            return Err(InpaintError::Size(width, height, size.width(), size.height()).into());
        }
        let level = &masks.levels[0];
        let before =
            canvas.before.map(|it| LevelMasks::new(it, (level.height, level.width), 1, generation.masks));
        let before = before.transpose()?.map(|mut before| before.levels.remove(0));
        Kept::new(self, image, &inpaint.regions, level, before.as_ref()).map(Some)
    }

    fn progress<'a>(
        &'a self,
        step: usize,
        steps: usize,
        latents: &'a [f32],
        pred_original_sample: &'a [f32],
        shape: LatentShape,
    ) -> Progress<'a> {
        Progress { step, steps, latents, pred_original_sample, shape, factors: &self.preview }
    }
}

/// Classifier-free guidance: off at a scale of 1 and below, as in diffusers.
struct Guidance {
    scale: f32,
    /// Unconditional pictures in the batch: as many as conditional ones, or none.
    unconditional: usize,
}

impl Guidance {
    fn new(generation: &Generation) -> Self {
        let guided = generation.guidance_scale > 1.0;
        Self {
            scale: generation.guidance_scale as f32,
            unconditional: if guided { generation.samples } else { 0 },
        }
    }

    /// `times` copies of what belongs to an unconditional picture, if there are such, then of what belongs to a
    /// conditional one.
    fn batch(&self, unconditional: &[f32], conditional: &[f32], times: usize) -> Vec<f32> {
        let first = if self.unconditional > 0 { unconditional } else { &[] };
        let mut batch = Vec::with_capacity(times * (first.len() + conditional.len()));
        (0..times).for_each(|_| batch.extend_from_slice(first));
        (0..times).for_each(|_| batch.extend_from_slice(conditional));
        batch
    }

    /// `uncond + scale * (cond - uncond)`.
    fn combine(&self, mut output: Vec<f32>) -> Vec<f32> {
        if self.unconditional == 0 {
            return output;
        }
        let half = output.len() / 2;
        let (unconditional, conditional) = output.split_at_mut(half);
        for (uncond, cond) in unconditional.iter_mut().zip(conditional) {
            *uncond += self.scale * (*cond - *uncond);
        }
        output.truncate(half);
        output
    }
}
