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
    pub(super) change: f32,
    /// Deviation of the noise that is added then, if any is drawn.
    pub(super) fresh: Option<f32>,
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
        let step = |(sigma, next)| Step { sigma, change: next - sigma, fresh: None };
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

    fn scale_model_input(&self, sample: &mut [f32], step: usize) {
        let Some(step) = self.steps.get(step) else { return };
        let scale = alpha_of(step.sigma);
        sample.iter_mut().for_each(|value| *value *= scale);
    }

    fn predicted_original(&self, model_output: &[f32], step: usize, sample: &[f32]) -> Vec<f32> {
        let Some(step) = self.steps.get(step) else { return sample.to_vec() };
        let original =
            |(sample, output): (&f32, &f32)| self.prediction.original_of_sigma(step.sigma, *sample, *output);
        sample.iter().zip(model_output).map(original).collect()
    }

    fn step(
        &mut self,
        model_output: &[f32],
        step: usize,
        sample: &mut [f32],
        noise: &mut dyn FnMut(usize) -> Vec<f32>,
    ) {
        let Some(step) = self.steps.get(step) else { return };
        for (value, output) in sample.iter_mut().zip(model_output) {
            let original = self.prediction.original_of_sigma(step.sigma, *value, *output);
            let slope = (*value - original) / step.sigma;
            *value += slope * step.change;
        }
        if let Some(deviation) = step.fresh {
            let noise = noise(model_output.len());
            sample.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise * deviation);
        }
    }
}
