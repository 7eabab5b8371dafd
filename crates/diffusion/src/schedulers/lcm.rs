//! Latent Consistency Models (2310.04378, algorithm 3), 4 to 8 steps with a LoRA distilled for it (no UNet
//! that takes the guidance scale, by `time_cond_proj_dim`, is supported); diffusers' `LCMScheduler`.

use serde_json::json;

use super::prediction::{Mix, alpha_sigma};
use super::{Sampling, Schedule, Scheduler, SchedulerConfig, SchedulerError};

/// The number of steps that models are distilled with, by default.
const DISTILLED: usize = 50;
/// The data's standard deviation, as assumed by the boundary condition.
const SIGMA_DATA: f64 = 0.5;

pub(super) struct Lcm {
    schedule: Schedule,
    steps: Vec<Step>,
    /// The largest magnitude of a predicted x0.
    clip: Option<f32>,
}

/// `denoised = skip * sample + out * x0`; `next = alpha * denoised + sigma * noise`, except at the end.
struct Step {
    original: Mix,
    skip: f32,
    out: f32,
    next: Option<(f32, f32)>,
}

impl Lcm {
    pub(super) fn new(config: &SchedulerConfig, sampling: &Sampling) -> Result<Self, SchedulerError> {
        config.file.only("thresholding", json!(false))?;
        config.check_signal(sampling)?;
        let train = config.num_train_timesteps;
        // The steps that the model was distilled with; a subset of them is taken.
        let distilled = config.file.count("original_inference_steps", DISTILLED.min(train), 1..=train)?;
        if sampling.steps > distilled {
            return Err(SchedulerError::Distilled { steps: sampling.steps, most: distilled });
        }
        let timestep = |i: usize| {
            let taken = (i as f64 * (distilled as f64 / sampling.steps as f64)).floor() as usize;
            (distilled - taken) * (train / distilled) - 1
        };
        let timesteps: Vec<usize> = (0..sampling.steps).map(timestep).collect();
        let scaling = config.file.number("timestep_scaling", 10.0)?;
        let alphas = config.alphas_cumprod();
        let alpha_sigmas: Vec<_> = timesteps.iter().map(|&t| alpha_sigma(alphas[t])).collect();
        let step = |(at, &t): (usize, &usize)| {
            let ((alpha, sigma), scaled) = (alpha_sigmas[at], t as f64 * scaling);
            let norm = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
            Step {
                original: config.prediction.original(alpha, sigma),
                skip: (SIGMA_DATA * SIGMA_DATA / norm) as f32,
                out: (scaled / norm.sqrt()) as f32,
                next: alpha_sigmas.get(at + 1).copied(),
            }
        };
        let clips = config.clip_sample && config.file.flag("clip_sample", false)?;
        let range = config.file.number("clip_sample_range", 1.0)?.abs() as f32;
        Ok(Self {
            steps: timesteps.iter().enumerate().map(step).collect(),
            schedule: Schedule::variance_preserving(
                timesteps.iter().map(|&t| t as f32).collect(),
                alpha_sigmas,
            ),
            clip: clips.then_some(range),
        })
    }
}

impl Scheduler for Lcm {
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
        let Step { original, skip, out, next } = &self.steps[step];
        let mut denoised = original.all(sample, model_output);
        for (value, sample) in denoised.iter_mut().zip(sample.iter()) {
            let original = self.clip.map_or(*value, |range| value.clamp(-range, range));
            *value = out * original + skip * sample;
        }
        match next {
            Some((alpha, sigma)) => {
                let noises = noise(model_output.len());
                for ((sample, denoised), noise) in sample.iter_mut().zip(&denoised).zip(noises) {
                    *sample = alpha * denoised + sigma * noise;
                }
            }
            None => sample.copy_from_slice(&denoised),
        }
        denoised
    }
}
