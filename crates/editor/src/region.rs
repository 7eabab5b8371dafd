//! Regions.

use layout::{MAX_REGIONS, Occurrence, RegionSettings, words};

use crate::palette::{self, Hatch, Rgb};

/// A region's number, its own for as long as it lives: 0 is the background, 1 to 31 the others.
///
/// It is what the pixels of the map hold, and what the user reads. A number is given again after its region is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(u8);

impl RegionId {
    /// The region that is always there.
    pub const BACKGROUND: Self = Self(0);

    /// The region of a number, if there can be one.
    pub fn new(number: u8) -> Option<Self> {
        (usize::from(number) < MAX_REGIONS).then_some(Self(number))
    }

    /// The number, 0 to 31.
    pub fn number(self) -> u8 {
        self.0
    }

    /// All that there can be, the background first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..MAX_REGIONS as u8).map(Self)
    }

    /// Pixels hold only numbers of regions.
    pub(crate) fn of_pixel(pixel: u8) -> Self {
        debug_assert!(usize::from(pixel) < MAX_REGIONS);
        Self(pixel)
    }

    /// As a set of one.
    pub(crate) fn bit(self) -> u32 {
        1 << self.0
    }
}

impl std::fmt::Display for RegionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => f.write_str("the background"),
            number => write!(f, "region {number}"),
        }
    }
}

/// A region: all but its pixels.
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
    /// Which occurrence of the text in the full text was chosen, if one was; [`crate::PhrasePlace::meant`] is what is meant.
    pub occurrence: Option<Occurrence>,
}

impl Region {
    /// What it is called in a sentence: its text, or its number where it has none.
    pub fn called(&self) -> String {
        let text = self.text.trim();
        if text.is_empty() { self.id.to_string() } else { text.to_owned() }
    }

    /// A name for a file about it: its number in two digits, and its text as far as that may stand in a file's name.
    pub fn file_name(&self) -> String {
        const LONGEST: usize = 40;
        let number = format!("{:02}", self.id.number());
        let name = words(&self.text).fold(number, |name, word| name + "-" + word);
        name.chars().take(LONGEST).collect()
    }

    /// A region of neutral settings in the palette's look for its number.
    pub(crate) fn new(id: RegionId) -> Self {
        let (color, hatch) = palette::look(id);
        let RegionSettings { weight, start, end } = RegionSettings::default();
        Self { id, color, hatch, text: String::new(), locked: false, weight, start, end, occurrence: None }
    }
}
