//! Euler's method with part of the noise drawn anew at every step; diffusers' `EulerAncestralDiscreteScheduler`.

use super::prediction::{Mix, alpha_of};
use super::sigmas::Sigmas;
use super::{PredictionType, Scheduler, SchedulerConfig, SchedulerError, SchedulerOptions};

pub(super) struct EulerAncestral {
    timesteps: Vec<f32>,
    init_noise_sigma: f32,
    steps: Vec<Step>,
}

struct Step {
    sigma: f32,
    /// To the sigma below the next one, from which the fresh noise leads up to it; negative.
    change: f32,
    fresh: f32,
    original: Mix,
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
            let original = config.prediction.original_of_sigma(from);
            Step { sigma: from, change: down - from, fresh: up, original }
        };
        Ok(Self {
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
        self.steps.get(step).map_or_else(|| sample.to_vec(), |step| step.original.all(sample, model_output))
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
            let slope = (*value - step.original.of(*value, *output)) / step.sigma;
            *value = *value + slope * step.change + fresh * step.fresh;
        }
    }
}
