//! DPM-Solver++ of order 2, multistep (2211.01095); diffusers' `DPMSolverMultistepScheduler` with its
//! algorithm `dpmsolver++`. The sample is scaled to a variance of 1, like DDIM's.

use serde_json::{Value, json};

use super::prediction::{Mix, alpha_of};
use super::sigmas::Sigmas;
use super::{PredictionType, Sampling, Schedule, Scheduler, SchedulerConfig, SchedulerError};

pub(super) struct Dpmpp2m {
    schedule: Schedule,
    steps: Vec<Step>,
    /// x0 as predicted at the previous step.
    before: Vec<f32>,
}

/// `next = sample * s + original * x0 + difference * (x0 - x0 of the step before)`.
struct Step {
    predicted: Mix,
    sample: f32,
    original: f32,
    /// 0 for a step of order 1.
    difference: f32,
}

/// Below this number of steps, diffusers ends with a step of order 1.
const FEW_STEPS: usize = 15;

impl Dpmpp2m {
    pub(super) fn new(config: &SchedulerConfig, sampling: &Sampling) -> Result<Self, SchedulerError> {
        let file = &config.file;
        // diffusers' `from_config` accepts the values of DEIS and UniPC, whose files are otherwise the same.
        file.word("algorithm_type", &[("dpmsolver++", ()), ("deis", ())])?;
        file.only("solver_order", json!(2))?;
        file.only("variance_type", Value::Null)?;
        for key in [
            "thresholding",
            "use_lu_lambdas",
            "use_exponential_sigmas",
            "use_beta_sigmas",
            "use_flow_sigmas",
            "use_dynamic_shifting",
        ] {
            file.only(key, json!(false))?;
        }
        let heun = {
            let types =
                [("midpoint", false), ("heun", true), ("logrho", false), ("bh1", false), ("bh2", false)];
            file.word("solver_type", &types)?.unwrap_or(false)
        };
        let lambda_min = file.number("lambda_min_clipped", f64::NEG_INFINITY)?;
        let sigmas = Sigmas::dpm_solver(config, sampling, lambda_min)?;
        let count = sigmas.timesteps.len();
        let first_order_end = file.flag("euler_at_final", false)?
            || (file.flag("lower_order_final", true)? && count < FEW_STEPS)
            || config.final_sigma_is_zero;
        let step = |k: usize| {
            let second = k > 0 && !(k == count - 1 && first_order_end);
            let before = second.then(|| sigmas.values[k - 1]);
            let (now, next) = (sigmas.values[k], sigmas.values[k + 1]);
            Step::new(config.prediction, before, now, next, heun)
        };
        let steps = (0..count).map(step).collect();
        let alpha_sigmas =
            sigmas.values[..count].iter().map(|&sigma| (alpha_of(sigma), scaled(sigma))).collect();
        let schedule = Schedule::variance_preserving(sigmas.timesteps, alpha_sigmas);
        Ok(Self { schedule, steps, before: Vec::new() })
    }
}

/// The weight of the noise, next to the picture's.
fn scaled(sigma: f32) -> f32 {
    sigma * alpha_of(sigma)
}

impl Step {
    fn new(prediction: PredictionType, before: Option<f32>, now: f32, next: f32, heun: bool) -> Self {
        // In f32 and by these logarithms: h is a small difference, and diffusers' rounding of it shows in the result.
        let lambda = |sigma: f32| alpha_of(sigma).ln() - scaled(sigma).ln();
        let h = lambda(next) - lambda(now);
        let decay = (-h).exp() - 1.0;
        let original = -alpha_of(next) * decay;
        let difference = before.map_or(0.0, |before| {
            let ratio = (lambda(now) - lambda(before)) / h;
            let weight = if heun { alpha_of(next) * (decay / h + 1.0) } else { 0.5 * original };
            weight / ratio
        });
        let (alpha, sigma) = (alpha_of(now), scaled(now));
        Self {
            predicted: prediction.original(alpha, sigma),
            sample: scaled(next) / sigma,
            original,
            difference,
        }
    }
}

impl Scheduler for Dpmpp2m {
    fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    fn step(
        &mut self,
        model_output: &[f32],
        step: usize,
        sample: &mut [f32],
        _: &mut dyn FnMut(usize) -> Vec<f32>,
    ) -> Vec<f32> {
        let step = &self.steps[step];
        let originals = step.predicted.all(sample, model_output);
        self.before.resize(originals.len(), 0.0);
        for ((value, original), before) in sample.iter_mut().zip(&originals).zip(&self.before) {
            *value = step.sample * *value + step.original * original + step.difference * (original - before);
        }
        self.before.clone_from(&originals);
        originals
    }
}
