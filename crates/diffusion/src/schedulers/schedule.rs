//! The timesteps and noise levels of a denoising run, known in advance.

use super::prediction::alpha_of;

/// The values of each step, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// What the model is given: mostly whole numbers, but Euler's need not be.
    pub timesteps: Vec<f32>,
    /// What the sample consists of: alpha times the finished sample and sigma times noise of deviation 1, as
    /// in diffusers' `add_noise`.
    pub alpha_sigmas: Vec<(f32, f32)>,
    /// Scales the model's input to the variance of 1 that it expects; the loop's own sample is not scaled.
    pub input_scales: Vec<f32>,
    /// The first sample is noise of deviation 1 times this.
    pub init_noise_sigma: f32,
}

impl Schedule {
    /// Creates the schedule of samples whose variance is 1.
    pub(super) fn variance_preserving(timesteps: Vec<f32>, alpha_sigmas: Vec<(f32, f32)>) -> Self {
        let input_scales = vec![1.0; timesteps.len()];
        Self { timesteps, alpha_sigmas, input_scales, init_noise_sigma: 1.0 }
    }

    /// Creates the schedule of finished samples plus noise of these deviations.
    pub(super) fn variance_exploding(timesteps: Vec<f32>, sigmas: &[f32], init_noise_sigma: f32) -> Self {
        let alpha_sigmas = sigmas.iter().map(|&sigma| (1.0, sigma)).collect();
        let input_scales = sigmas.iter().map(|&sigma| alpha_of(sigma)).collect();
        Self { timesteps, alpha_sigmas, input_scales, init_noise_sigma }
    }

    /// Scales a sample to what the model expects at `step`: diffusers' `scale_model_input`.
    pub fn scale_model_input(&self, sample: &mut [f32], step: usize) {
        sample.iter_mut().for_each(|value| *value *= self.input_scales[step]);
    }
}
