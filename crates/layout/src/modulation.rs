//! The settings of the attention modulation, validated once.

use std::ops::RangeInclusive;

use crate::limits;

/// The settings as given; [`Modulation::new`] checks them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModulationSettings {
    /// w_c, the degree of modulation in cross-attention, 0 to 2.
    pub w_cross: f64,
    /// w_s, the degree of modulation in self-attention, 0 to 2.
    pub w_self: f64,
    /// How much large regions are modulated less, 0 to 1 (the mask-area adaptive adjustment).
    pub size_adjust: f64,
    /// The fraction of the steps that are modulated, from the first on, 0 to 1.
    pub modulated_fraction: f64,
    /// The exponent of t / 1000 in the strength, 0 to 20.
    pub exponent: f64,
    /// A constant c in place of the value-range adaptive terms (paper, section 3.2), 0.001 to 1000: sim' =
    /// sim ± strength * c. For comparison only; `None` is the method.
    pub constant: Option<f64>,
    /// One entry per region, the background first; further regions have neutral settings.
    pub regions: Vec<RegionSettings>,
}

impl Default for ModulationSettings {
    /// The original demo's values.
    fn default() -> Self {
        Self {
            w_cross: 1.0,
            w_self: 0.3,
            size_adjust: 1.0,
            modulated_fraction: 0.3,
            exponent: 5.0,
            constant: None,
            regions: Vec::new(),
        }
    }
}

/// The settings of one region; the default is neutral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionSettings {
    /// Factor on the strength, 0 to 2.
    pub weight: f64,
    /// First modulated step as a fraction of all steps, 0 to 1.
    pub start: f64,
    /// End of the modulated steps (exclusive) as a fraction of all steps, 0 to 1 and not before `start`.
    ///
    /// The window narrows the steps that `modulated_fraction` leaves; it does not extend them.
    pub end: f64,
}

impl Default for RegionSettings {
    fn default() -> Self {
        Self { weight: 1.0, start: 0.0, end: 1.0 }
    }
}

/// A setting outside its range, or not a number.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field} is {value}; {} to {} is allowed", .allowed.start(), .allowed.end())]
pub struct OutOfRange {
    /// Path of the setting, such as `w_cross` or `regions[2].weight`.
    pub field: String,
    /// The value given.
    pub value: f64,
    /// The allowed values.
    pub allowed: RangeInclusive<f64>,
}

/// Validated settings: finite and in their ranges; the default is the original demo's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Modulation(ModulationSettings);

impl Modulation {
    /// Checks the settings.
    ///
    /// # Errors
    /// Every setting that is out of range.
    pub fn new(settings: ModulationSettings) -> Result<Self, Vec<OutOfRange>> {
        let s = &settings;
        let mut checks = vec![
            ("w_cross".to_owned(), s.w_cross, limits::MODULATION),
            ("w_self".to_owned(), s.w_self, limits::MODULATION),
            ("size_adjust".to_owned(), s.size_adjust, limits::SHARE),
            ("modulated_fraction".to_owned(), s.modulated_fraction, limits::SHARE),
            ("exponent".to_owned(), s.exponent, limits::EXPONENT),
        ];
        checks.extend(s.constant.map(|constant| ("constant".to_owned(), constant, limits::CONSTANT)));
        for (n, region) in s.regions.iter().enumerate() {
            checks.push((format!("regions[{n}].weight"), region.weight, limits::WEIGHT));
            checks.push((format!("regions[{n}].start"), region.start, limits::SHARE));
            let earliest = if limits::SHARE.contains(&region.start) { region.start } else { 0.0 };
            checks.push((format!("regions[{n}].end"), region.end, earliest..=1.0));
        }
        let wrong: Vec<OutOfRange> = checks
            .into_iter()
            .filter(|(_, value, allowed)| !allowed.contains(value))
            .map(|(field, value, allowed)| OutOfRange { field, value, allowed })
            .collect();
        if wrong.is_empty() { Ok(Self(settings)) } else { Err(wrong) }
    }

    /// The settings.
    pub fn settings(&self) -> &ModulationSettings {
        &self.0
    }

    /// The settings of region `n`.
    pub fn region(&self, n: usize) -> RegionSettings {
        self.0.regions.get(n).copied().unwrap_or_default()
    }

    /// Whether step `step` (from 0) of `steps` is modulated: `step < modulated_fraction * steps`, as Python computes it.
    pub fn is_modulated(&self, step: usize, steps: usize) -> bool {
        (step as f64) < self.0.modulated_fraction * steps as f64
    }
}
