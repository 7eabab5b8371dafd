//! Euler's method (Karras et al. 2022, 2206.00364, algorithm 2 without churn); diffusers' `EulerDiscreteScheduler`.
//! `euler_ancestral` takes the same steps, with noise drawn anew.

use serde_json::{Value, json};

use super::prediction::alpha_of;
use super::sigmas::Sigmas;
use super::{PredictionType, Scheduler, SchedulerConfig, SchedulerError, SchedulerOptions};

pub(super) struct Euler {
    pub(super) prediction: PredictionType,
    pub(super) timesteps: Vec<f32>,
    pub(super) init_noise_sigma: f32,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Step {
    pub(super) sigma: f32,
    /// To the sigma that the step leads to; negative.
    pub(super) dt: f32,
    /// Deviation of the noise that is added then, if any is drawn.
    pub(super) sigma_up: Option<f32>,
}

impl Euler {
    pub(super) fn new(config: &SchedulerConfig, options: &SchedulerOptions) -> Result<Self, SchedulerError> {
        for key in ["use_exponential_sigmas", "use_beta_sigmas"] {
            config.file.only(key, json!(false))?;
        }
        for key in ["sigma_min", "sigma_max"] {
            config.file.only(key, Value::Null)?;
        }
        config.file.only("interpolation_type", json!("linear"))?;
        config.file.only("timestep_type", json!("discrete"))?;
        let sigmas = Sigmas::euler(config, options, options.karras.unwrap_or(config.karras))?;
        let step = |(sigma, next)| Step { sigma, dt: next - sigma, sigma_up: None };
        Ok(Self {
            prediction: config.prediction,
            init_noise_sigma: sigmas.init_noise_sigma(config.spacing(options)),
            steps: sigmas.pairs().map(step).collect(),
            timesteps: sigmas.timesteps,
        })
    }
}

impl Scheduler for Euler {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn init_noise_sigma(&self) -> f32 {
        self.init_noise_sigma
    }

    fn alpha_sigma(&self, step: usize) -> (f32, f32) {
        (1.0, self.steps[step].sigma)
    }

    fn scale_model_input(&self, sample: &mut [f32], step: usize) {
        let scale = alpha_of(self.steps[step].sigma);
        sample.iter_mut().for_each(|value| *value *= scale);
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
