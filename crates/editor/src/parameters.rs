//! The parameters that override the model's defaults.

use std::ops::RangeInclusive;

use request::{GenerationRequest, LayoutRequest, MAX_SEED, Scheduler, limits};

use crate::text::limited;

/// The parameters of a generation: a request without what the document itself holds, which is layout,
/// regions, full text and size. Without a seed, each generation draws a new one.
pub type Parameters = GenerationRequest;

/// One parameter and its new value; `None` restores the model's default. Values outside of
/// [`request::limits`] are clamped.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields of a request of the same names say it")]
pub enum Parameter {
    NegativePrompt(Option<String>),
    Seed(Option<u64>),
    Steps(Option<i64>),
    GuidanceScale(Option<f64>),
    Scheduler(Option<Scheduler>),
    Karras(Option<bool>),
    Eta(Option<f64>),
    Samples(Option<i64>),
    WCross(Option<f64>),
    WSelf(Option<f64>),
    SizeAdjust(Option<f64>),
    ModulatedFraction(Option<f64>),
}

impl Parameter {
    /// Sets it within its limits; NaN changes nothing.
    pub(crate) fn set_in(self, set: &mut Parameters) {
        match self {
            Self::NegativePrompt(text) => set.negative_prompt = text.map(limited),
            Self::Seed(seed) => set.seed = seed.map(|seed| seed.min(MAX_SEED) as i64),
            Self::Steps(steps) => set.steps = steps.map(|it| whole(it, limits::STEPS)),
            Self::Samples(samples) => set.samples = samples.map(|it| whole(it, limits::SAMPLES)),
            Self::Scheduler(scheduler) => {
                set.scheduler = scheduler;
                // The new scheduler may lack them, and then a request with them is refused.
                set.karras = set.karras.filter(|_| scheduler.is_some_and(Scheduler::has_karras));
                set.timestep_spacing =
                    set.timestep_spacing.filter(|_| scheduler.is_none_or(Scheduler::has_spacing));
            }
            Self::Karras(karras) => set.karras = karras,
            Self::GuidanceScale(scale) => number(&mut set.guidance_scale, scale, limits::GUIDANCE_SCALE),
            Self::Eta(eta) => number(&mut set.eta, eta, limits::ETA),
            Self::WCross(degree) => number(&mut set.w_cross, degree, limits::MODULATION),
            Self::WSelf(degree) => number(&mut set.w_self, degree, limits::MODULATION),
            Self::SizeAdjust(degree) => number(&mut set.size_adjust, degree, limits::SHARE),
            Self::ModulatedFraction(share) => number(&mut set.modulated_fraction, share, limits::SHARE),
        }
    }
}

/// The parameters of a request that was validated.
pub(crate) fn of_request(request: &GenerationRequest) -> Parameters {
    Parameters {
        layout: LayoutRequest::default(),
        regions: Vec::new(),
        prompt: None,
        inpaint: None,
        width: None,
        height: None,
        // -1 means none in a request.
        seed: request.seed.filter(|seed| *seed >= 0),
        ..request.clone()
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

/// Rounds to more digits than anybody sets, so that the project file has exactly the number that was set.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
