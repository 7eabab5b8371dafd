//! The index map that everything else is computed from.

/// The index of a pixel that lies in no region.
pub const NONE: u8 = u8::MAX;

/// The most regions in a layout, including the background: one bit each of an `i32`.
pub const MAX_REGIONS: usize = 32;

/// The longest side of a layout in pixels.
pub const MAX_SIDE: u32 = 4096;

/// A layout: `width * height` pixels in rows from the top left, each the index of its region or [`NONE`].
///
/// Region 0 is the background. A layout holds 1 to [`MAX_REGIONS`] regions, every index is below that number,
/// and no side is 0 or longer than [`MAX_SIDE`]. A region may have no pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    width: u32,
    height: u32,
    regions: usize,
    pixels: Vec<u8>,
}

/// Why something is no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A side is 0 or too long.
    #[error(
        "the layout is {width} x {height} pixels; each side must have 1 to {MAX_SIDE}: scale the picture, nearest neighbour"
    )]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A buffer does not fit the size.
    #[error("{what} has {found} values where {width} x {height} pixels need {expected}")]
    Length {
        /// Which buffer.
        what: String,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Values needed.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// No region, or too many.
    #[error("the layout has {found} regions; 1 to {MAX_REGIONS} are possible, the background included")]
    Regions {
        /// How many regions.
        found: usize,
    },
    /// A pixel names a region that the layout does not have.
    #[error("pixel ({x}, {y}) is in region {index}, but the layout has only {regions} regions (0 to {})", regions - 1)]
    Index {
        /// Column.
        x: u32,
        /// Row.
        y: u32,
        /// The index found.
        index: u8,
        /// How many regions the layout has.
        regions: usize,
    },
    /// The picture has fewer colours than there are region texts.
    #[error(
        "the layout has {colors} colours ({list}) but {texts} region texts were given: give one text per colour, the background first (a text may be empty)"
    )]
    FewerColors {
        /// How many colours the picture has.
        colors: usize,
        /// How many texts were given.
        texts: usize,
        /// The colours, largest first.
        list: String,
    },
    /// The picture has more colours than there are region texts.
    #[error(
        "the layout has {colors} colours ({list}) but only {texts} region texts were given: give one text per colour, the background first (a text may be empty)"
    )]
    MoreColors {
        /// How many colours the picture has.
        colors: usize,
        /// How many texts were given.
        texts: usize,
        /// The colours, largest first.
        list: String,
    },
    /// The picture has more colours than a layout can have regions.
    #[error(
        "the layout has {found} colours; at most {MAX_REGIONS} regions are possible, the background included: use fewer colours"
    )]
    TooManyColors {
        /// How many colours are left after merging.
        found: usize,
    },
    /// The picture is a photograph or a gradient.
    #[error(
        "the picture has more than {limit} different colours and is no layout: paint each region in one flat colour"
    )]
    NotFlat {
        /// The number of exact colours at which reading stopped.
        limit: usize,
    },
    /// The run-length form is broken.
    #[error("the layout's runs are broken at character {at}: {what}")]
    Runs {
        /// Position in the string, in bytes from 0.
        at: usize,
        /// What is wrong there.
        what: String,
    },
    /// Levels that no UNet has.
    #[error(
        "a latent of {height} x {width} with {levels} levels is not possible: sides 1 to {MAX_SIDE}, levels 1 to 16"
    )]
    Latent {
        /// Latent height in cells.
        height: usize,
        /// Latent width in cells.
        width: usize,
        /// Number of resolution levels.
        levels: usize,
    },
}

impl Layout {
    /// A layout of given indices, in rows from the top left.
    ///
    /// # Errors
    /// If the size, the number of regions, the length of `pixels` or one of its indices is not allowed.
    pub fn new(width: u32, height: u32, regions: usize, pixels: Vec<u8>) -> Result<Self, LayoutError> {
        let expected = Self::check_size(width, height)?;
        check_length("the index map", width, height, expected, pixels.len())?;
        if !(1..=MAX_REGIONS).contains(&regions) {
            return Err(LayoutError::Regions { found: regions });
        }
        if let Some(at) = pixels.iter().position(|&i| i != NONE && usize::from(i) >= regions) {
            let (x, y) = (at as u32 % width, at as u32 / width);
            return Err(LayoutError::Index { x, y, index: pixels[at], regions });
        }
        Ok(Self { width, height, regions, pixels })
    }

    /// The number of pixels of an allowed layout size: to check before decoding a picture or allocating.
    ///
    /// # Errors
    /// If a side is 0 or longer than [`MAX_SIDE`].
    pub fn check_size(width: u32, height: u32) -> Result<usize, LayoutError> {
        let sides = 1..=MAX_SIDE;
        if sides.contains(&width) && sides.contains(&height) {
            Ok(width as usize * height as usize)
        } else {
            Err(LayoutError::Size { width, height })
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Number of regions, including the background and regions without pixels.
    pub fn regions(&self) -> usize {
        self.regions
    }

    /// The region index of each pixel, or [`NONE`], in rows from the top left.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Number of pixels of each region.
    pub fn areas(&self) -> Vec<usize> {
        let mut counts = [0; 256];
        for &index in &self.pixels {
            counts[usize::from(index)] += 1;
        }
        counts[..self.regions].to_vec()
    }
}

pub(crate) fn check_length(
    what: &str,
    width: u32,
    height: u32,
    expected: usize,
    found: usize,
) -> Result<(), LayoutError> {
    if expected == found {
        Ok(())
    } else {
        Err(LayoutError::Length { what: what.to_owned(), width, height, expected, found })
    }
}
