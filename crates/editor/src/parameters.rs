//! What a user sets beyond the model's defaults.

use std::ops::RangeInclusive;

use layout::MaskMode;
use request::{Defaults, GenerationRequest, MAX_SEED, Scheduler, TimestepSpacing, limits};

use crate::text::limited;

/// The parameters of a generation but for its texts and regions; `None`: as the model's [`Defaults`] say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// What the picture should not show.
    pub negative_prompt: Option<String>,
    /// The seed; `None`: drawn anew for each generation.
    pub seed: Option<u64>,
    /// Number of denoising steps.
    pub steps: Option<i64>,
    /// Classifier-free guidance scale.
    pub guidance_scale: Option<f64>,
    /// The scheduler.
    pub scheduler: Option<Scheduler>,
    /// How the steps are spread.
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Whether the sigmas are Karras's.
    pub karras: Option<bool>,
    /// DDIM's eta.
    pub eta: Option<f64>,
    /// Number of pictures.
    pub samples: Option<i64>,
    /// Degree of modulation in cross-attention.
    pub w_cross: Option<f64>,
    /// Degree of modulation in self-attention.
    pub w_self: Option<f64>,
    /// Degree of the mask-area adaptive adjustment.
    pub size_adjust: Option<f64>,
    /// Share of the steps that are modulated.
    pub modulated_fraction: Option<f64>,
    /// Exponent of t / 1000 in the strength.
    pub exponent: Option<f64>,
    /// A constant in place of the value-range adaptive terms, for comparison only; models have no default of it.
    pub constant: Option<f64>,
    /// How the layout is brought to the UNet's resolutions.
    pub masks: Option<MaskMode>,
}

/// One parameter and its new value; `None` brings back the model's default. What is outside of [`request::limits`] is brought
/// to the nearest end.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields of Parameters of the same names say it")]
pub enum Parameter {
    NegativePrompt(Option<String>),
    Seed(Option<u64>),
    Steps(Option<i64>),
    GuidanceScale(Option<f64>),
    Scheduler(Option<Scheduler>),
    TimestepSpacing(Option<TimestepSpacing>),
    Karras(Option<bool>),
    Eta(Option<f64>),
    Samples(Option<i64>),
    WCross(Option<f64>),
    WSelf(Option<f64>),
    SizeAdjust(Option<f64>),
    ModulatedFraction(Option<f64>),
    Exponent(Option<f64>),
    Constant(Option<f64>),
    Masks(Option<MaskMode>),
}

impl Parameters {
    /// The values in effect with a model: its defaults, and over them what is set here.
    ///
    /// The size of the picture stays the defaults'; [`crate::Document::picture`] has it.
    pub fn over(&self, defaults: &Defaults) -> Defaults {
        let d = defaults;
        Defaults {
            negative_prompt: self.negative_prompt.clone().unwrap_or_else(|| d.negative_prompt.clone()),
            steps: self.steps.unwrap_or(d.steps),
            guidance_scale: self.guidance_scale.unwrap_or(d.guidance_scale),
            scheduler: self.scheduler.unwrap_or(d.scheduler),
            timestep_spacing: self.timestep_spacing.or(d.timestep_spacing),
            karras: self.karras.or(d.karras),
            eta: self.eta.unwrap_or(d.eta),
            samples: self.samples.unwrap_or(d.samples),
            w_cross: self.w_cross.unwrap_or(d.w_cross),
            w_self: self.w_self.unwrap_or(d.w_self),
            size_adjust: self.size_adjust.unwrap_or(d.size_adjust),
            modulated_fraction: self.modulated_fraction.unwrap_or(d.modulated_fraction),
            exponent: self.exponent.unwrap_or(d.exponent),
            masks: self.masks.unwrap_or(d.masks),
            ..*d
        }
    }

    /// Sets one, within its limits; numbers that are none change nothing.
    pub(crate) fn set(&mut self, parameter: Parameter) {
        match parameter {
            Parameter::NegativePrompt(text) => self.negative_prompt = text.map(limited),
            Parameter::Seed(seed) => self.seed = seed.map(|seed| seed.min(MAX_SEED)),
            Parameter::Steps(steps) => self.steps = steps.map(|it| whole(it, limits::STEPS)),
            Parameter::Samples(samples) => self.samples = samples.map(|it| whole(it, limits::SAMPLES)),
            Parameter::Scheduler(scheduler) => self.scheduler = scheduler,
            Parameter::TimestepSpacing(spacing) => self.timestep_spacing = spacing,
            Parameter::Karras(karras) => self.karras = karras,
            Parameter::Masks(masks) => self.masks = masks,
            Parameter::GuidanceScale(scale) => {
                number(&mut self.guidance_scale, scale, limits::GUIDANCE_SCALE)
            }
            Parameter::Eta(eta) => number(&mut self.eta, eta, limits::ETA),
            Parameter::WCross(degree) => number(&mut self.w_cross, degree, limits::MODULATION),
            Parameter::WSelf(degree) => number(&mut self.w_self, degree, limits::MODULATION),
            Parameter::SizeAdjust(degree) => number(&mut self.size_adjust, degree, limits::SHARE),
            Parameter::ModulatedFraction(share) => number(&mut self.modulated_fraction, share, limits::SHARE),
            Parameter::Exponent(exponent) => number(&mut self.exponent, exponent, limits::EXPONENT),
            Parameter::Constant(constant) => number(&mut self.constant, constant, limits::CONSTANT),
        }
    }

    /// Those of a request that has been checked.
    pub(crate) fn of_request(request: &GenerationRequest) -> Self {
        Self {
            negative_prompt: request.negative_prompt.clone(),
            // -1 is the wire's word for none.
            seed: request.seed.and_then(|seed| u64::try_from(seed).ok()),
            steps: request.steps,
            guidance_scale: request.guidance_scale,
            scheduler: request.scheduler,
            timestep_spacing: request.timestep_spacing,
            karras: request.karras,
            eta: request.eta,
            samples: request.samples,
            w_cross: request.w_cross,
            w_self: request.w_self,
            size_adjust: request.size_adjust,
            modulated_fraction: request.modulated_fraction,
            exponent: request.exponent,
            constant: request.constant,
            masks: request.masks,
        }
    }

    /// The request with these parameters.
    pub(crate) fn fill(&self, request: GenerationRequest) -> GenerationRequest {
        GenerationRequest {
            negative_prompt: self.negative_prompt.clone(),
            seed: self.seed.and_then(|seed| i64::try_from(seed).ok()),
            steps: self.steps,
            guidance_scale: self.guidance_scale,
            scheduler: self.scheduler,
            timestep_spacing: self.timestep_spacing,
            karras: self.karras,
            eta: self.eta,
            samples: self.samples,
            w_cross: self.w_cross,
            w_self: self.w_self,
            size_adjust: self.size_adjust,
            modulated_fraction: self.modulated_fraction,
            exponent: self.exponent,
            constant: self.constant,
            masks: self.masks,
            ..request
        }
    }
}

fn whole(value: i64, allowed: RangeInclusive<i64>) -> i64 {
    value.clamp(*allowed.start(), *allowed.end())
}

/// Sets a number within its limits.
fn number(target: &mut Option<f64>, value: Option<f64>, allowed: RangeInclusive<f64>) {
    if !value.is_some_and(f64::is_nan) {
        *target = value.map(|value| rounded(value.clamp(*allowed.start(), *allowed.end())));
    }
}

/// With no more digits than anybody sets, so that whoever reads the project file finds the very number.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
