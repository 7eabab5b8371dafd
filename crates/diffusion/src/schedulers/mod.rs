//! The schedulers of diffusers that samplers of Stable Diffusion use, number for number.
//!
//! 1. `config` reads `scheduler_config.json` and names what is not supported;
//! 2. `betas` makes the training schedule, `spacing` picks timesteps from it, `sigmas` the noise levels;
//! 3. [`SchedulerConfig::build`] makes one of `ddim`, `euler`, `euler_ancestral`, `dpmpp_2m`, `lcm`, each with the
//!    coefficients of every step worked out beforehand;
//! 4. `prediction` turns what the UNet predicts into the picture or the noise.

mod betas;
mod config;
mod ddim;
mod dpmpp_2m;
mod error;
mod euler;
mod euler_ancestral;
mod lcm;
mod prediction;
mod sigmas;
mod spacing;

use request::Generation;
pub use request::{Scheduler as SchedulerKind, TimestepSpacing};

pub use config::SchedulerConfig;
pub use error::SchedulerError;
pub use prediction::PredictionType;

/// Denoising, one step after the other. Samples, model outputs and noise are flat arrays of the same length; the
/// shape does not matter. `step` counts from 0 and must be below the number of timesteps.
pub trait Scheduler: Send {
    /// What the model is told at each step, in order: most are whole numbers, Euler's need not be.
    fn timesteps(&self) -> &[f32];

    /// The first sample is noise of deviation 1 times this; 1 for those that keep the variance.
    fn init_noise_sigma(&self) -> f32 {
        1.0
    }

    /// What the sample of `step` is made of: alpha times the finished sample and sigma times noise of deviation 1, as
    /// diffusers' `add_noise` mixes them.
    fn alpha_sigma(&self, step: usize) -> (f32, f32);

    /// Brings a sample to the size that the model expects at `step`; the sample of the loop stays as it is.
    /// Those that keep the variance leave it.
    fn scale_model_input(&self, sample: &mut [f32], step: usize) {
        let _ = (sample, step);
    }

    /// Takes `sample` (not scaled) from `step` to the next, and returns the finished sample (x0) as it is predicted now:
    /// diffusers' `prev_sample` and `pred_original_sample`. `noise(n)` is asked for `n` values of deviation 1 where the
    /// sampler adds noise, and not at all where it does not.
    fn step(
        &mut self,
        model_output: &[f32],
        step: usize,
        sample: &mut [f32],
        noise: &mut dyn FnMut(usize) -> Vec<f32>,
    ) -> Vec<f32>;
}

/// What a request asks of the scheduler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SchedulerOptions {
    /// Which one.
    pub kind: SchedulerKind,
    /// Number of steps.
    pub steps: usize,
    /// `None`: as the configuration says, or else the default of diffusers' class.
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Karras's sigmas; `None`: as the configuration says.
    pub karras: Option<bool>,
    /// DDIM's share of fresh noise, 0 to 1; the others have no such thing.
    pub eta: f64,
}

impl From<&Generation> for SchedulerOptions {
    fn from(generation: &Generation) -> Self {
        Self {
            kind: generation.scheduler,
            steps: generation.steps,
            timestep_spacing: generation.timestep_spacing,
            karras: generation.karras,
            eta: generation.eta,
        }
    }
}

impl SchedulerConfig {
    /// A scheduler with its timesteps set, as diffusers' `from_config` and `set_timesteps`. What the configuration
    /// leaves out has the default of the class that is asked for.
    ///
    /// # Errors
    /// Steps out of range, and what the configuration asks for but this scheduler does not have.
    pub fn build(&self, options: impl Into<SchedulerOptions>) -> Result<Box<dyn Scheduler>, SchedulerError> {
        let options = options.into();
        let most = self.num_train_timesteps;
        if !(1..=most).contains(&options.steps) {
            return Err(SchedulerError::Steps { steps: options.steps, most });
        }
        // The configuration's wish is passed over, as in diffusers, but not the request's.
        if options.karras == Some(true) && !options.kind.has_karras() {
            return Err(SchedulerError::Karras { scheduler: options.kind });
        }
        if options.timestep_spacing.is_some() && !options.kind.has_spacing() {
            return Err(SchedulerError::Spacing { scheduler: options.kind });
        }
        Ok(match options.kind {
            SchedulerKind::Ddim => Box::new(ddim::Ddim::new(self, &options)?),
            SchedulerKind::Euler => Box::new(euler::Euler::new(self, &options)?),
            SchedulerKind::EulerAncestral => Box::new(euler::Euler::ancestral(self, &options)?),
            SchedulerKind::Dpmpp2m => Box::new(dpmpp_2m::Dpmpp2m::new(self, &options)?),
            SchedulerKind::Lcm => Box::new(lcm::Lcm::new(self, &options)?),
        })
    }
}
