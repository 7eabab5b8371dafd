//! The numbers that have sliders.

use editor::Parameter;
use request::{Defaults, limits};

/// A number that has a slider.
#[derive(Clone, Copy)]
pub struct Number {
    /// The request's field, as failures name it.
    pub field: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it does, in one line.
    pub hint: &'static str,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// The slider's step.
    pub step: f64,
    /// Reads it from the values in effect.
    pub get: fn(&Defaults) -> f64,
    /// The change to a value; `None`: the model's default.
    pub set: fn(Option<f64>) -> Parameter,
}

/// The original demo's numbers, in its order, with its ranges.
pub const METHOD: [Number; 3] = [
    Number {
        field: "w_cross",
        label: "Follow the texts (w_c)",
        hint: "How firmly each phrase is kept inside its region.",
        min: 0.0,
        max: *limits::MODULATION.end(),
        step: 0.1,
        get: |d| d.w_cross,
        set: Parameter::WCross,
    },
    Number {
        field: "w_self",
        label: "Keep regions apart (w_s)",
        hint: "How firmly pixels of one region belong together.",
        min: 0.0,
        max: *limits::MODULATION.end(),
        step: 0.1,
        get: |d| d.w_self,
        set: Parameter::WSelf,
    },
    Number {
        field: "size_adjust",
        label: "Area adjustment",
        hint: "How much more small regions are helped than large ones.",
        min: 0.0,
        max: *limits::SHARE.end(),
        step: 0.1,
        get: |d| d.size_adjust,
        set: Parameter::SizeAdjust,
    },
];

/// How many pictures.
pub const SAMPLES: Number = Number {
    field: "samples",
    label: "Samples",
    hint: "How many pictures are painted, each from its own noise.",
    min: 1.0,
    max: 4.0,
    step: 1.0,
    get: |d| d.samples as f64,
    set: |v| Parameter::Samples(v.map(|n| n as i64)),
};

/// What the original demo fixed.
pub const PAINTING: [Number; 3] = [
    Number {
        field: "steps",
        label: "Steps",
        hint: "More steps take longer and add detail.",
        min: 1.0,
        max: 100.0,
        step: 1.0,
        get: |d| d.steps as f64,
        set: |v| Parameter::Steps(v.map(|n| n as i64)),
    },
    Number {
        field: "guidance_scale",
        label: "Guidance",
        hint: "How closely the picture follows the text as a whole.",
        min: 1.0,
        max: 20.0,
        step: 0.5,
        get: |d| d.guidance_scale,
        set: Parameter::GuidanceScale,
    },
    Number {
        field: "modulated_fraction",
        label: "Modulated share of the steps",
        hint: "For how much of the painting the layout is enforced, from its start.",
        min: 0.0,
        max: *limits::SHARE.end(),
        step: 0.05,
        get: |d| d.modulated_fraction,
        set: Parameter::ModulatedFraction,
    },
];
