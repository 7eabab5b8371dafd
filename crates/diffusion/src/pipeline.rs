//! The whole method on one screen: tokenise, encode, modulate and denoise, decode.

use std::sync::Arc;

use layout::LevelMasks;
use request::Generation;

use crate::error::DiffusionError;
use crate::guidance::Guidance;
use crate::inpainting::{Canvas, Kept};
use crate::latents::LatentShape;
use crate::loaded::Pipeline;
use crate::modulation::Modulator;
use crate::noise::TorchGenerator;
use crate::painting::Painting;
use crate::prompt::{Embeddings, Prompt};
use crate::unet::{Conditioning, UNetCall, time_ids};
use crate::watch::{CancelToken, Progress};

impl Pipeline {
    /// Paints `generation` on `canvas` (DenseDiffusion, section 3; otherwise diffusers'
    /// `StableDiffusionPipeline`). `seed` means what it means to `torch.manual_seed` on the CPU. `watch` sees
    /// the noise and the latents after every step; `cancel` is checked between steps.
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
        let mut prompt = Prompt::tokenise(&self.tokenizer, generation)?;
        prompt.notes.extend(canvas.note(generation.size));
        let guidance = Guidance::new(generation);
        let shape = self.latent_shape(generation)?;
        let masks =
            LevelMasks::new(canvas.layout, (shape.height, shape.width), self.levels, generation.masks)?;
        let modulator = Modulator::new(generation, &masks, &self.attention_levels, &guidance);
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
        let kept = Kept::new(generation, &canvas, &masks, &self.vae)?;
        let schedule = scheduler.schedule().clone();
        let mut latents: Vec<f32> = noise.iter().map(|value| value * schedule.init_noise_sigma).collect();
        let mut pred_original_sample = latents.clone();
        let steps = schedule.timesteps.len();
        let member = self.unet.join(shape, &conditioning);
        for step in 0..steps {
            watch(&self.progress(step, steps, &latents, &pred_original_sample, shape));
            if cancel.is_cancelled() {
                return Err(DiffusionError::Cancelled);
            }
            let timestep = schedule.timesteps[step];
            let mut input = guidance.batch(&latents, &latents, 1);
            schedule.scale_model_input(&mut input, step);
            let call = UNetCall {
                latents: input.into(),
                shape: LatentShape { samples: guidance.unconditional + shape.samples, ..shape },
                pictures: shape.samples,
                timestep: [timestep].into(),
                conditioning: Arc::clone(&conditioning),
                strengths: modulator.at(step, steps, timestep),
            };
            let output = guidance.combine(self.unet.predict(&member, call)?);
            pred_original_sample = scheduler.step(&output, step, &mut latents, &mut |n| generator.randn(n));
            if let Some(kept) = &kept {
                kept.restore(&mut latents, &noise, &schedule, step + 1);
                kept.restore_finished(&mut pred_original_sample, &noise);
            }
        }
        drop(member);
        watch(&self.progress(steps, steps, &latents, &pred_original_sample, shape));
        Ok(Painting { notes: prompt.notes, pipeline: self, latents, shape, kept })
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
