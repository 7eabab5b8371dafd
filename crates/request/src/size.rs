//! The size of a picture.

use crate::limits::{SIDE, SIDE_MULTIPLE};

/// Width and height in pixels, each a multiple of [`SIDE_MULTIPLE`] within [`SIDE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    width: u32,
    height: u32,
}

const _: () = assert!(SIDE_MULTIPLE == 8 && *SIDE.end() == 4096, "what is said of it");

impl Size {
    /// What is allowed, for a message.
    pub(crate) const ALLOWED: &str = "a multiple of 8 from 8 to 4096";

    /// A size, if both sides are allowed.
    pub fn new(width: i64, height: i64) -> Option<Self> {
        Some(Self { width: side(width)?, height: side(height)? })
    }

    /// Width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }
}

/// A side, if it is allowed.
pub(crate) fn side(pixels: i64) -> Option<u32> {
    u32::try_from(pixels).ok().filter(|side| side % SIDE_MULTIPLE == 0 && SIDE.contains(side))
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
