//! Euler's method (Karras et al. 2022, 2206.00364, algorithm 2 without churn); diffusers' `EulerDiscreteScheduler`.
//! With part of the noise drawn anew at every step, `EulerAncestralDiscreteScheduler`.

use request::TimestepSpacing;
use serde_json::{Value, json};

use super::sigmas::Sigmas;
use super::{PredictionType, Sampling, Schedule, Scheduler, SchedulerConfig, SchedulerError};

pub(super) struct Euler {
    prediction: PredictionType,
    schedule: Schedule,
    steps: Vec<Step>,
}

struct Step {
    sigma: f32,
    /// The change of sigma in the step; negative.
    dt: f32,
    /// Standard deviation of the noise added afterwards, if any is drawn.
    sigma_up: Option<f32>,
}

impl Euler {
    pub(super) fn new(config: &SchedulerConfig, sampling: &Sampling) -> Result<Self, SchedulerError> {
        for key in ["use_exponential_sigmas", "use_beta_sigmas"] {
            config.file.only(key, json!(false))?;
        }
        for key in ["sigma_min", "sigma_max"] {
            config.file.only(key, Value::Null)?;
        }
        config.file.only("interpolation_type", json!("linear"))?;
        config.file.only("timestep_type", json!("discrete"))?;
        let sigmas = Sigmas::euler(config, sampling, sampling.karras.unwrap_or(config.karras))?;
        Ok(Self::of(config, sampling, sigmas, |sigma, next| Step { sigma, dt: next - sigma, sigma_up: None }))
    }

    /// Creates steps that go below the next sigma, and add fresh noise up to it.
    pub(super) fn ancestral(config: &SchedulerConfig, sampling: &Sampling) -> Result<Self, SchedulerError> {
        let (scheduler, prediction) = (sampling.scheduler, config.prediction);
        if prediction == PredictionType::Sample {
            return Err(SchedulerError::Prediction { scheduler, prediction, circumstance: "" });
        }
        // diffusers' ancestral class has no `final_sigmas_type`: it always ends at zero.
        let config = SchedulerConfig { final_sigma_is_zero: true, ..config.clone() };
        let sigmas = Sigmas::euler(&config, sampling, false)?;
        Ok(Self::of(&config, sampling, sigmas, |sigma, next| {
            let sigma_up = (next * next * (sigma * sigma - next * next) / (sigma * sigma)).sqrt();
            let sigma_down = (next * next - sigma_up * sigma_up).max(0.0).sqrt();
            Step { sigma, dt: sigma_down - sigma, sigma_up: Some(sigma_up) }
        }))
    }

    /// Creates one with a step for each pair of successive sigmas.
    fn of(
        config: &SchedulerConfig,
        sampling: &Sampling,
        Sigmas { timesteps, values }: Sigmas,
        step: impl Fn(f32, f32) -> Step,
    ) -> Self {
        let most = values[0];
        let init_noise_sigma = match config.spacing(sampling) {
            TimestepSpacing::Leading => (most * most + 1.0).sqrt(),
            _ => most,
        };
        let steps = values.windows(2).map(|pair| step(pair[0], pair[1])).collect();
        let schedule = Schedule::variance_exploding(timesteps, &values[..values.len() - 1], init_noise_sigma);
        Self { prediction: config.prediction, schedule, steps }
    }
}

impl Scheduler for Euler {
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
        let originals: Vec<f32> = sample
            .iter()
            .zip(model_output)
            .map(|(value, output)| self.prediction.original_of_sigma(step.sigma, *value, *output))
            .collect();
        for (value, original) in sample.iter_mut().zip(&originals) {
            let derivative = (*value - original) / step.sigma;
            *value += derivative * step.dt;
        }
        if let Some(sigma_up) = step.sigma_up {
            let noise = noise(model_output.len());
            sample.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise * sigma_up);
        }
        originals
    }
}
