//! Euler's method with part of the noise drawn anew at every step; diffusers' `EulerAncestralDiscreteScheduler`.

use super::euler::{Euler, Step};
use super::sigmas::Sigmas;
use super::{PredictionType, SchedulerConfig, SchedulerError, SchedulerOptions};

impl Euler {
    /// Steps that lead below the next sigma, from where fresh noise leads up to it.
    pub(super) fn ancestral(
        config: &SchedulerConfig,
        options: &SchedulerOptions,
    ) -> Result<Self, SchedulerError> {
        if config.prediction == PredictionType::Sample {
            let prediction = config.prediction;
            return Err(SchedulerError::Prediction { scheduler: options.kind, prediction, circumstance: "" });
        }
        // This class of diffusers knows no `final_sigmas_type`: it always ends at zero.
        let config = SchedulerConfig { final_sigma_is_zero: true, ..config.clone() };
        let sigmas = Sigmas::euler(&config, options, false)?;
        let step = |(from, to): (f32, f32)| {
            let sigma_up = (to * to * (from * from - to * to) / (from * from)).sqrt();
            let sigma_down = (to * to - sigma_up * sigma_up).max(0.0).sqrt();
            Step { sigma: from, dt: sigma_down - from, sigma_up: Some(sigma_up) }
        };
        Ok(Self {
            prediction: config.prediction,
            init_noise_sigma: sigmas.init_noise_sigma(config.spacing(options)),
            steps: sigmas.pairs().map(step).collect(),
            timesteps: sigmas.timesteps,
        })
    }
}
