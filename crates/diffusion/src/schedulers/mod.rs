//! The diffusers schedulers that Stable Diffusion is sampled with, number for number.
//!
//! 1. `config` reads `scheduler_config.json` and names what is not supported;
//! 2. `betas` makes the training schedule, `spacing` picks timesteps from it, `sigmas` the noise levels;
//! 3. [`SchedulerConfig::build`] makes one of `ddim`, `euler`, `dpmpp_2m`, `lcm`, each with the coefficients of every step
//!    worked out beforehand;
//! 4. `prediction` turns what the UNet predicts into the picture or the noise.

mod betas;
mod config;
mod ddim;
mod dpmpp_2m;
mod error;
mod euler;
mod lcm;
mod prediction;
mod schedule;
mod sigmas;
mod spacing;

pub use request::{Sampling, Scheduler as SchedulerKind, TimestepSpacing};

pub use config::SchedulerConfig;
pub use error::SchedulerError;
pub use prediction::PredictionType;
pub use schedule::Schedule;

/// Denoising, one step after the other. Samples, model outputs and noise are flat arrays of the same length; the
/// shape does not matter. `step` counts from 0 and must be below the number of timesteps.
pub trait Scheduler: Send {
    /// The timesteps and noise levels of all steps.
    fn schedule(&self) -> &Schedule;

    /// Takes `sample` (not scaled) from `step` to the next, and returns the predicted finished sample (x0):
    /// diffusers' `prev_sample` and `pred_original_sample`. `noise(n)` must return `n` values of deviation 1;
    /// it is called only if the sampler adds noise.
    fn step(
        &mut self,
        model_output: &[f32],
        step: usize,
        sample: &mut [f32],
        noise: &mut dyn FnMut(usize) -> Vec<f32>,
    ) -> Vec<f32>;
}

impl SchedulerConfig {
    /// Creates a scheduler with its timesteps set, like diffusers' `from_config` and `set_timesteps`. What
    /// the configuration leaves out has the default of the requested class.
    ///
    /// # Errors
    /// Steps out of range, and what the configuration asks for but this scheduler does not support.
    pub fn build(&self, sampling: Sampling) -> Result<Box<dyn Scheduler>, SchedulerError> {
        let Sampling { scheduler, steps, .. } = sampling;
        let most = self.num_train_timesteps;
        if !(1..=most).contains(&steps) {
            return Err(SchedulerError::Steps { steps, most });
        }
        // The configuration's wish is ignored, as in diffusers, but not the request's.
        if sampling.karras == Some(true) && !scheduler.has_karras() {
            return Err(SchedulerError::Karras { scheduler });
        }
        if sampling.timestep_spacing.is_some() && !scheduler.has_spacing() {
            return Err(SchedulerError::Spacing { scheduler });
        }
        Ok(match scheduler {
            SchedulerKind::Ddim => Box::new(ddim::Ddim::new(self, &sampling)?),
            SchedulerKind::Euler => Box::new(euler::Euler::new(self, &sampling)?),
            SchedulerKind::EulerAncestral => Box::new(euler::Euler::ancestral(self, &sampling)?),
            SchedulerKind::Dpmpp2m => Box::new(dpmpp_2m::Dpmpp2m::new(self, &sampling)?),
            SchedulerKind::Lcm => Box::new(lcm::Lcm::new(self, &sampling)?),
        })
    }
}
