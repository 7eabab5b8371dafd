//! The regions' numbers.

use layout::MAX_REGIONS;

/// A region's number, its own for as long as it exists: 0 is the background, 1 to 31 the others.
///
/// It is what the pixels of the map hold, and what the user reads. Numbers of removed regions are reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(u8);

impl RegionId {
    /// The region that is always there.
    pub const BACKGROUND: Self = Self(0);

    /// The region of a number, if that is valid.
    pub fn new(number: u8) -> Option<Self> {
        (usize::from(number) < MAX_REGIONS).then_some(Self(number))
    }

    /// The number, 0 to 31.
    pub fn number(self) -> u8 {
        self.0
    }

    /// All possible regions, the background first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..MAX_REGIONS as u8).map(Self)
    }

    /// The region of a pixel: pixels hold only numbers of regions.
    pub(crate) fn of_pixel(pixel: u8) -> Self {
        debug_assert!(usize::from(pixel) < MAX_REGIONS);
        Self(pixel)
    }

    /// The set of this region alone.
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
