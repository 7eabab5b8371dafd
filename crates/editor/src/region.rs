//! Regions.

use layout::{Occurrence, RegionSettings, words};

use crate::palette::{self, Hatch, Rgb};
use crate::region_id::RegionId;

/// A region without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its number.
    pub id: RegionId,
    /// Its colour on the canvas.
    pub color: Rgb,
    /// The hatching over the colour, which tells regions beyond the twelfth apart.
    pub hatch: Hatch,
    /// What is in it; blank: anything.
    pub text: String,
    /// A locked region neither loses nor gains pixels.
    pub locked: bool,
    /// Factor on the strength of the modulation, in [`request::limits::WEIGHT`].
    pub weight: f64,
    /// First modulated step as a fraction of all steps, 0 to 1.
    pub start: f64,
    /// End of the modulated steps as a fraction of all steps, `start` to 1.
    pub end: f64,
    /// The chosen occurrence of the text in the full text; [`crate::PhrasePlace::meant`] is in effect.
    pub occurrence: Option<Occurrence>,
}

impl Region {
    /// What it is called in a sentence: its text, or else its number.
    pub fn called(&self) -> String {
        let text = self.text.trim();
        if text.is_empty() { self.id.to_string() } else { text.to_owned() }
    }

    /// A name for a file about it: its number in two digits, and what of its text a file name may contain.
    pub fn file_name(&self) -> String {
        const LONGEST: usize = 40;
        let number = format!("{:02}", self.id.number());
        let name = words(&self.text).fold(number, |name, word| name + "-" + word);
        name.chars().take(LONGEST).collect()
    }

    /// A region with neutral settings and the palette's look for its number.
    pub(crate) fn new(id: RegionId) -> Self {
        let (color, hatch) = palette::look(id);
        let RegionSettings { weight, start, end } = RegionSettings::default();
        Self { id, color, hatch, text: String::new(), locked: false, weight, start, end, occurrence: None }
    }
}
