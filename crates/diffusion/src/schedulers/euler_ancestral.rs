//! Euler's method with part of the noise drawn anew at every step; diffusers' `EulerAncestralDiscreteScheduler`.

use super::prediction::alpha_of;
use super::sigmas::Sigmas;
use super::{PredictionType, Scheduler, SchedulerConfig, SchedulerError, SchedulerOptions};

pub(super) struct EulerAncestral {
    prediction: PredictionType,
    timesteps: Vec<f32>,
    init_noise_sigma: f32,
    steps: Vec<Step>,
}

struct Step {
    sigma: f32,
    /// To the sigma below the next one, from which the fresh noise leads up to it; negative.
    change: f32,
    fresh: f32,
}

impl EulerAncestral {
    pub(super) fn new(config: &SchedulerConfig, options: &SchedulerOptions) -> Result<Self, SchedulerError> {
        config.no_karras(options, "euler_ancestral")?;
        if config.prediction == PredictionType::Sample {
            let prediction = config.prediction;
            return Err(SchedulerError::Prediction {
                scheduler: "euler_ancestral",
                prediction,
                circumstance: "",
            });
        }
        // This class of diffusers knows no `final_sigmas_type`: it always ends at zero.
        let config = SchedulerConfig { final_sigma_is_zero: true, ..config.clone() };
        let sigmas = Sigmas::euler(&config, options, false)?;
        let step = |(from, to): (f32, f32)| {
            let up = (to * to * (from * from - to * to) / (from * from)).sqrt();
            let down = (to * to - up * up).max(0.0).sqrt();
            Step { sigma: from, change: down - from, fresh: up }
        };
        Ok(Self {
            prediction: config.prediction,
            init_noise_sigma: sigmas.init_noise_sigma(config.spacing(options)),
            steps: sigmas.pairs().map(step).collect(),
            timesteps: sigmas.timesteps,
        })
    }
}

impl Scheduler for EulerAncestral {
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
        let fresh = noise(model_output.len());
        for ((value, output), fresh) in sample.iter_mut().zip(model_output).zip(fresh) {
            let original = self.prediction.original_of_sigma(step.sigma, *value, *output);
            let slope = (*value - original) / step.sigma;
            *value = *value + slope * step.change + fresh * step.fresh;
        }
    }
}
