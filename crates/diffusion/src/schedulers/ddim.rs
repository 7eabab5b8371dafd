//! Denoising Diffusion Implicit Models (2010.02502, formulas 12 and 16); diffusers' `DDIMScheduler`.

use request::TimestepSpacing;
use serde_json::json;

use super::prediction::Mix;
use super::{PredictionType, Scheduler, SchedulerConfig, SchedulerError, SchedulerOptions, spacing};

pub(super) struct Ddim {
    timesteps: Vec<f32>,
    steps: Vec<Step>,
    /// The largest value of a predicted x0.
    clip: Option<f32>,
    stochastic: bool,
}

/// `next = original_weight * x0 + noise_weight * predicted noise + std_dev_t * noise`.
struct Step {
    alpha_sigma: (f32, f32),
    original: Mix,
    noise: Mix,
    original_weight: f32,
    noise_weight: f32,
    std_dev_t: f32,
}

impl Ddim {
    pub(super) fn new(config: &SchedulerConfig, options: &SchedulerOptions) -> Result<Self, SchedulerError> {
        config.file.only("thresholding", json!(false))?;
        config.check_signal(options)?;
        let alphas = config.alphas_cumprod();
        let spacing = config.spacing(options);
        let mut timesteps = spacing::timesteps(spacing, alphas.len(), options.steps, config.steps_offset);
        if spacing == TimestepSpacing::Linspace {
            timesteps.iter_mut().for_each(|t| *t = t.round_ties_even());
        }
        if timesteps.iter().any(|t| *t < 0.0 || *t as usize >= alphas.len()) {
            return Err(config.crowded(options));
        }
        let last = if config.file.flag("set_alpha_to_one", true)? { 1.0 } else { alphas[0] };
        let interval = alphas.len() / options.steps;
        let step = |t: &f64| {
            let t = *t as usize;
            let next = t.checked_sub(interval).map_or(last, |next| alphas[next]);
            Step::new(config.prediction, alphas[t], next, options.eta as f32)
        };
        let range = config.file.number("clip_sample_range", 1.0)?.abs() as f32;
        Ok(Self {
            steps: timesteps.iter().map(step).collect(),
            timesteps: timesteps.into_iter().map(|t| t as f32).collect(),
            clip: config.clip_sample.then_some(range),
            stochastic: options.eta > 0.0,
        })
    }
}

impl Step {
    /// `alpha` and `next` are cumulative products of now and of the step after.
    fn new(prediction: PredictionType, alpha: f32, next: f32, eta: f32) -> Self {
        let variance = (1.0 - next) / (1.0 - alpha) * (1.0 - alpha / next);
        let std_dev_t = eta * variance.max(0.0).sqrt();
        let (signal, noise) = (alpha.sqrt(), (1.0 - alpha).sqrt());
        Self {
            alpha_sigma: (signal, noise),
            original: prediction.original(signal, noise),
            noise: prediction.noise(signal, noise),
            original_weight: next.sqrt(),
            noise_weight: (1.0 - next - std_dev_t * std_dev_t).max(0.0).sqrt(),
            std_dev_t,
        }
    }
}

impl Scheduler for Ddim {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn alpha_sigma(&self, step: usize) -> (f32, f32) {
        self.steps[step].alpha_sigma
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
