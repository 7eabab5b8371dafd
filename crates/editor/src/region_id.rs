//! The regions' numbers.

use layout::MAX_REGIONS;

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
