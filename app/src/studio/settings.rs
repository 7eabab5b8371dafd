//! The numbers that have sliders.

use std::ops::RangeInclusive;

use editor::Parameter;
use request::{Defaults, limits};

/// A number that has a slider.
#[derive(Clone, Copy)]
pub struct Number {
    /// The request's field, as failures name it.
    pub field: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it does, in one line.
    pub hint: &'static str,
    /// The smallest and the largest value that a request may have.
    pub allowed: [f64; 2],
    /// The slider's ends, if it would be too coarse for all that is allowed; the field takes the rest.
    pub comfort: Option<[f64; 2]>,
    /// The slider's step.
    pub step: f64,
    /// Reads it from the values in effect.
    pub get: fn(&Defaults) -> f64,
    /// The change to a value; `None`: the model's default.
    pub set: fn(Option<f64>) -> Parameter,
}

/// Common numbers of steps: on a slider to a thousand, nobody would find twenty.
const COMMON_STEPS: [f64; 2] = [1.0, 100.0];
/// Common guidance scales: 1 and below disable guidance, and beyond 20 colours are overdone.
const COMMON_GUIDANCE: [f64; 2] = [1.0, 20.0];

/// The original demo's sliders, in its order, with its ranges.
pub const METHOD: [Number; 3] = [
    Number {
        field: "w_cross",
        label: "Follow the texts (w_c)",
        hint: "How firmly each phrase is kept inside its region.",
        allowed: ends(&limits::MODULATION),
        comfort: None,
        step: 0.1,
        get: |d| d.w_cross,
        set: Parameter::WCross,
    },
    Number {
        field: "w_self",
        label: "Keep regions apart (w_s)",
        hint: "How firmly pixels of one region belong together.",
        allowed: ends(&limits::MODULATION),
        comfort: None,
        step: 0.1,
        get: |d| d.w_self,
        set: Parameter::WSelf,
    },
    Number {
        field: "size_adjust",
        label: "Area adjustment",
        hint: "How much more small regions are helped than large ones.",
        allowed: ends(&limits::SHARE),
        comfort: None,
        step: 0.1,
        get: |d| d.size_adjust,
        set: Parameter::SizeAdjust,
    },
];

/// The number of pictures.
pub const SAMPLES: Number = Number {
    field: "samples",
    label: "Samples",
    hint: "How many pictures are painted, each from its own noise.",
    allowed: whole(&limits::SAMPLES),
    comfort: None,
    step: 1.0,
    get: |d| d.samples as f64,
    set: |v| Parameter::Samples(v.map(|n| n as i64)),
};

/// Settings that the original demo fixed.
pub const PAINTING: [Number; 3] = [
    Number {
        field: "steps",
        label: "Steps",
        hint: "More steps take longer and add detail.",
        allowed: whole(&limits::STEPS),
        comfort: Some(COMMON_STEPS),
        step: 1.0,
        get: |d| d.steps as f64,
        set: |v| Parameter::Steps(v.map(|n| n as i64)),
    },
    Number {
        field: "guidance_scale",
        label: "Guidance",
        hint: "How closely the picture follows the text as a whole.",
        allowed: ends(&limits::GUIDANCE_SCALE),
        comfort: Some(COMMON_GUIDANCE),
        step: 0.5,
        get: |d| d.guidance_scale,
        set: Parameter::GuidanceScale,
    },
    Number {
        field: "modulated_fraction",
        label: "Modulated share of the steps",
        hint: "For how much of the painting the layout is enforced, from its start.",
        allowed: ends(&limits::SHARE),
        comfort: None,
        step: 0.05,
        get: |d| d.modulated_fraction,
        set: Parameter::ModulatedFraction,
    },
];

/// Noise that DDIM adds at each step.
pub const ETA: Number = Number {
    field: "eta",
    label: "Eta",
    hint: "Fresh noise at every step: 0 is none, 1 as much as DDPM.",
    allowed: ends(&limits::ETA),
    comfort: None,
    step: 0.1,
    get: |d| d.eta,
    set: Parameter::Eta,
};

const fn ends(range: &RangeInclusive<f64>) -> [f64; 2] {
    [*range.start(), *range.end()]
}

const fn whole(range: &RangeInclusive<i64>) -> [f64; 2] {
    [*range.start() as f64, *range.end() as f64]
}
