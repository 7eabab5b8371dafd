//! Denoising Diffusion Implicit Models (2010.02502, formulas 12 and 16); diffusers' `DDIMScheduler`.

use request::TimestepSpacing;
use serde_json::json;

use super::prediction::{Mix, alpha_sigma};
use super::{PredictionType, Sampling, Schedule, Scheduler, SchedulerConfig, SchedulerError, spacing};

pub(super) struct Ddim {
    schedule: Schedule,
    steps: Vec<Step>,
    /// The largest magnitude of a predicted x0.
    clip: Option<f32>,
    stochastic: bool,
}

/// `next = original_weight * x0 + noise_weight * predicted noise + std_dev_t * noise`.
struct Step {
    original: Mix,
    noise: Mix,
    original_weight: f32,
    noise_weight: f32,
    std_dev_t: f32,
}

impl Ddim {
    pub(super) fn new(config: &SchedulerConfig, sampling: &Sampling) -> Result<Self, SchedulerError> {
        config.file.only("thresholding", json!(false))?;
        config.check_signal(sampling)?;
        let alphas = config.alphas_cumprod();
        let spacing = config.spacing(sampling);
        let mut timesteps = spacing::timesteps(spacing, alphas.len(), sampling.steps, config.steps_offset);
        if spacing == TimestepSpacing::Linspace {
            timesteps.iter_mut().for_each(|t| *t = t.round_ties_even());
        }
        if timesteps.iter().any(|t| *t < 0.0 || *t as usize >= alphas.len()) {
            return Err(config.crowded(sampling));
        }
        let last = if config.file.flag("set_alpha_to_one", true)? { 1.0 } else { alphas[0] };
        let interval = alphas.len() / sampling.steps;
        let step = |&t: &f64| {
            let next = (t as usize).checked_sub(interval).map_or(last, |next| alphas[next]);
            Step::new(config.prediction, alphas[t as usize], next, sampling.eta as f32)
        };
        let alpha_sigmas = timesteps.iter().map(|&t| alpha_sigma(alphas[t as usize])).collect();
        let range = config.file.number("clip_sample_range", 1.0)?.abs() as f32;
        Ok(Self {
            steps: timesteps.iter().map(step).collect(),
            schedule: Schedule::variance_preserving(
                timesteps.into_iter().map(|t| t as f32).collect(),
                alpha_sigmas,
            ),
            clip: config.clip_sample.then_some(range),
            stochastic: sampling.eta > 0.0,
        })
    }
}

impl Step {
    /// `alpha` and `next` are the cumulative products at this step and the next.
    fn new(prediction: PredictionType, alpha: f32, next: f32, eta: f32) -> Self {
        let variance = (1.0 - next) / (1.0 - alpha) * (1.0 - alpha / next);
        let std_dev_t = eta * variance.max(0.0).sqrt();
        let (signal, noise) = alpha_sigma(alpha);
        Self {
            original: prediction.original(signal, noise),
            noise: prediction.noise(signal, noise),
            original_weight: next.sqrt(),
            noise_weight: (1.0 - next - std_dev_t * std_dev_t).max(0.0).sqrt(),
            std_dev_t,
        }
    }
}

impl Scheduler for Ddim {
    fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    fn step(
        &mut self,
        model_output: &[f32],
        step: usize,
        sample: &mut [f32],
        noise: &mut dyn FnMut(usize) -> Vec<f32>,
    ) -> Vec<f32> {
        let step = &self.steps[step];
        let mut originals = step.original.all(sample, model_output);
        if let Some(range) = self.clip {
            originals.iter_mut().for_each(|original| *original = original.clamp(-range, range));
        }
        for ((value, output), original) in sample.iter_mut().zip(model_output).zip(&originals) {
            *value = step.original_weight * original + step.noise_weight * step.noise.of(*value, *output);
        }
        if self.stochastic {
            sample
                .iter_mut()
                .zip(noise(model_output.len()))
                .for_each(|(value, noise)| *value += step.std_dev_t * noise);
        }
        originals
    }
}
