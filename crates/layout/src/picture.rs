//! Pictures of colours, and how colours are compared.

/// Colours that differ by no more than this in each channel (of 0 to 255) count as one by default.
pub const MERGE_TOLERANCE: u8 = 12;

/// A decoded picture: 8-bit RGBA, four bytes a pixel, in rows from the top left.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `4 * width * height` bytes.
    pub rgba: &'a [u8],
}

/// How the colours of a picture are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorMatch {
    /// As the original: a region is one exact RGB colour, other pixels are in no region, alpha is ignored.
    Exact,
    /// Colours that differ by no more than this in each channel are one. Pixels with the mixed colours of
    /// blurred edges join the nearest region, so none is lost. Pixels less than half opaque count as white.
    Within(u8),
}

impl Default for ColorMatch {
    /// Within [`MERGE_TOLERANCE`].
    fn default() -> Self {
        Self::Within(MERGE_TOLERANCE)
    }
}

/// A region's colour and its number of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionColor {
    /// Red, green and blue.
    pub rgb: [u8; 3],
    /// Pixels of this colour, before the pixels of other colours join.
    pub area: usize,
}
