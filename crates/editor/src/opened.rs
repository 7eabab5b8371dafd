//! Documents that were read.

use layout::{Layout, NONE};
use request::{RequestError, Size};

use crate::map::{IndexMap, MAX_SIDE, MIN_LONGER_SIDE, working_size};
use crate::{Document, RegionId};

/// The version of project files that are written; older ones are read too.
pub(crate) const PROJECT_VERSION: u32 = 1;

/// The largest project file in bytes. A map of 1024 x 1024 pixels takes at most 1 MiB, all texts 1.3 MB.
pub const MAX_PROJECT_BYTES: usize = 16 << 20;

/// A document that was read, and what was lost in reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The document.
    pub document: Document,
    /// What the user should know.
    pub notes: Vec<Note>,
}

/// What changed in a document when it was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// Pixels in no region became background.
    #[error("{0} pixels were in no region and are background now")]
    Unassigned(usize),
    /// The layout was too large, or not of the picture's shape.
    #[error("the layout was brought from {} x {} to {} x {} pixels", from.0, from.1, to.0, to.1)]
    Resampled {
        /// Width and height of the layout.
        from: (u32, u32),
        /// Width and height of the map.
        to: (u32, u32),
    },
}

/// Why something is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Larger than any project.
    #[error("the file has {found} bytes; a project has at most {}", MAX_PROJECT_BYTES)]
    TooLarge {
        /// Its size.
        found: usize,
    },
    /// Not JSON, or not the fields of a project.
    #[error("this is no project file: {0}")]
    Broken(String),
    /// JSON of another program.
    #[error("this file is no project of this studio")]
    Foreign,
    /// Of a later version of this program.
    #[error("the project has version {found}, this program reads up to {}: update it", PROJECT_VERSION)]
    Newer {
        /// Its version.
        found: u32,
    },
    /// A value is not allowed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The layout is not given in runs.
    #[error("the layout is a picture or a file's name, not runs of regions: open the layout picture itself")]
    NotRuns,
    /// The looks of the regions do not fit.
    #[error("the project's regions are broken: {0}")]
    Regions(String),
}

/// The map for pictures of a size, as close to the layout as possible: region n gets the number n.
///
/// A layout of the picture's shape keeps its own size; a coarse one is enlarged by a whole factor, so that
/// nearest neighbour gives the same masks as before.
pub(crate) fn fitted(layout: &Layout, picture: Size) -> (IndexMap, Vec<Note>) {
    let (width, height) = (layout.width(), layout.height());
    let background = RegionId::BACKGROUND.number();
    let known = |&pixel: &u8| if pixel == NONE { background } else { pixel };
    let map = IndexMap::from_pixels(width, height, layout.pixels().iter().map(known).collect());
    let unassigned = layout.pixels().iter().filter(|&&pixel| pixel == NONE).count();
    let mut notes = Vec::new();
    if unassigned > 0 {
        notes.push(Note::Unassigned(unassigned));
    }
    let longer = width.max(height);
    let same_shape =
        u64::from(width) * u64::from(picture.height()) == u64::from(height) * u64::from(picture.width());
    let to = match working_size(picture) {
        size if size == (width, height) => return (map, notes),
        _ if same_shape && longer <= MAX_SIDE => {
            let factor = MIN_LONGER_SIDE.div_ceil(longer);
            (width * factor, height * factor)
        }
        size => {
            notes.push(Note::Resampled { from: (width, height), to: size });
            size
        }
    };
    (if to == (width, height) { map } else { map.resampled(to.0, to.1) }, notes)
}
