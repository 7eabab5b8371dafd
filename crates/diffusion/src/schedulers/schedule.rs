//! What the samples of a denoising are made of, which is known beforehand.

use super::prediction::alpha_of;

/// Of each step, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// What the model is told: most are whole numbers, Euler's need not be.
    pub timesteps: Vec<f32>,
    /// What the sample is made of: alpha times the finished sample and sigma times noise of deviation 1, as diffusers'
    /// `add_noise` mixes them.
    pub alpha_sigmas: Vec<(f32, f32)>,
    /// By what the sample is multiplied for the model, which knows a variance of 1; the sample of the loop stays as it is.
    pub input_scales: Vec<f32>,
    /// The first sample is noise of deviation 1 times this.
    pub init_noise_sigma: f32,
}

impl Schedule {
    /// Of samples whose variance is 1.
    pub(super) fn variance_preserving(timesteps: Vec<f32>, alpha_sigmas: Vec<(f32, f32)>) -> Self {
        let input_scales = vec![1.0; timesteps.len()];
        Self { timesteps, alpha_sigmas, input_scales, init_noise_sigma: 1.0 }
    }

    /// Of finished samples with noise of these deviations added to them.
    pub(super) fn variance_exploding(timesteps: Vec<f32>, sigmas: &[f32], init_noise_sigma: f32) -> Self {
        let alpha_sigmas = sigmas.iter().map(|&sigma| (1.0, sigma)).collect();
        let input_scales = sigmas.iter().map(|&sigma| alpha_of(sigma)).collect();
        Self { timesteps, alpha_sigmas, input_scales, init_noise_sigma }
    }

    /// Brings a sample to the size that the model expects at `step`: diffusers' `scale_model_input`.
    pub fn scale_model_input(&self, sample: &mut [f32], step: usize) {
        sample.iter_mut().for_each(|value| *value *= self.input_scales[step]);
    }
}
