//! Classifier-free guidance (2207.12598). Unconditional samples come first in a batch.

use request::Generation;

/// Off at a scale of 1 and below, as in diffusers.
#[derive(Debug)]
pub(crate) struct Guidance {
    scale: f32,
    /// Unconditional samples in the batch: as many as conditional ones, or none.
    pub unconditional: usize,
}

impl Guidance {
    pub fn new(generation: &Generation) -> Self {
        let guided = generation.guidance_scale > 1.0;
        Self {
            scale: generation.guidance_scale as f32,
            unconditional: if guided { generation.samples } else { 0 },
        }
    }

    /// Returns `times` copies of `unconditional`, if there is guidance, then `times` copies of `conditional`.
    pub fn batch(&self, unconditional: &[f32], conditional: &[f32], times: usize) -> Vec<f32> {
        let first = if self.unconditional > 0 { unconditional } else { &[] };
        let mut batch = Vec::with_capacity(times * (first.len() + conditional.len()));
        (0..times).for_each(|_| batch.extend_from_slice(first));
        (0..times).for_each(|_| batch.extend_from_slice(conditional));
        batch
    }

    /// `uncond + scale * (cond - uncond)`.
    pub fn combine(&self, mut output: Vec<f32>) -> Vec<f32> {
        if self.unconditional == 0 {
            return output;
        }
        let half = output.len() / 2;
        let (unconditional, conditional) = output.split_at_mut(half);
        for (uncond, cond) in unconditional.iter_mut().zip(conditional) {
            *uncond += self.scale * (*cond - *uncond);
        }
        output.truncate(half);
        output
    }
}
