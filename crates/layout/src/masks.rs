//! The regions of every cell of every resolution level.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::levels::{level_sizes, nearest_indices};
use crate::{ColorMatch, Layout, LayoutError, MAX_SIDE, NONE};

/// How a layout is brought to the UNet's resolutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MaskMode {
    /// Nearest neighbour alone, as the original does; colours are compared exactly.
    Nearest,
    /// Nearest neighbour, and a region that would vanish at a level is added to its best-covered cell there.
    #[default]
    #[serde(alias = "keep-thin")]
    KeepThin,
}

impl MaskMode {
    /// How the colours of a picture are compared in this mode.
    pub fn color_match(self) -> ColorMatch {
        match self {
            Self::Nearest => ColorMatch::Exact,
            Self::KeepThin => ColorMatch::default(),
        }
    }
}

/// One resolution level: `height * width` cells in rows from the top left.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Height in cells.
    pub height: usize,
    /// Width in cells.
    pub width: usize,
    /// The regions of each cell as a bit set (bit n = region n, 0 = in no region).
    pub regions: Vec<i32>,
    /// S(i): the share of the level's cells that have a region in common with cell i, itself included; 0 for
    /// a cell in no region.
    pub areas: Vec<f32>,
}

/// The regions of a layout at all resolution levels, the latent's own first.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelMasks {
    /// The levels, finest first.
    pub levels: Vec<Level>,
}

impl LevelMasks {
    /// Resamples `layout` to the `latent` size (height, width) and from there to each of `levels` levels,
    /// both times by nearest neighbour.
    ///
    /// With [`MaskMode::KeepThin`], a region that has pixels in the layout but no cell at a level is added to
    /// the cell that holds most of its pixels (of equal ones, to the first in reading order).
    ///
    /// # Errors
    /// If the latent has a side of 0 or beyond [`MAX_SIDE`], or there are not 1 to 16 levels.
    pub fn new(
        layout: &Layout,
        latent: (usize, usize),
        levels: usize,
        mode: MaskMode,
    ) -> Result<Self, LayoutError> {
        let (height, width) = latent;
        let sides = 1..=MAX_SIDE as usize;
        if !(sides.contains(&height) && sides.contains(&width) && (1..=16).contains(&levels)) {
            return Err(LayoutError::Latent { height, width, levels });
        }
        let from = (layout.height() as usize, layout.width() as usize);
        let latent_map = resize(layout.pixels(), from, latent);
        let present: i32 = layout.pixels().iter().fold(0, |set, &index| set | bit(index));
        let levels = level_sizes(height, width, levels)
            .into_iter()
            .map(|size| {
                let map = resize(&latent_map, latent, size);
                let mut regions: Vec<i32> = map.into_iter().map(bit).collect();
                if mode == MaskMode::KeepThin {
                    let missing = present & !regions.iter().fold(0, |set, cell| set | cell);
                    add_missing(layout, size, missing, &mut regions);
                }
                Level { height: size.0, width: size.1, areas: areas(&regions), regions }
            })
            .collect();
        Ok(Self { levels })
    }
}

/// The bit set of one index.
fn bit(index: u8) -> i32 {
    if index == NONE { 0 } else { 1 << index }
}

fn resize(map: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
    let (rows, columns) = (nearest_indices(from.0, to.0), nearest_indices(from.1, to.1));
    rows.iter().flat_map(|row| columns.iter().map(move |column| map[row * from.1 + column])).collect()
}

/// Adds each region of `missing` to the cell that covers most of its pixels.
fn add_missing(layout: &Layout, (height, width): (usize, usize), missing: i32, regions: &mut [i32]) {
    if missing == 0 {
        return;
    }
    let side = layout.width() as usize;
    let columns: Vec<usize> = (0..side).map(|x| x * width / side).collect();
    // Missing regions are thin, so few cells have a count.
    let mut covered: BTreeMap<(u8, usize), usize> = BTreeMap::new();
    for (y, row) in layout.pixels().chunks_exact(side).enumerate() {
        let first = y * height / layout.height() as usize * width;
        for (index, column) in row.iter().zip(&columns).filter(|(index, _)| missing & bit(**index) != 0) {
            *covered.entry((*index, first + column)).or_default() += 1;
        }
    }
    let mut best: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    for ((index, cell), count) in covered {
        let most = best.entry(index).or_insert((cell, count));
        if count > most.1 {
            *most = (cell, count);
        }
    }
    for (index, (cell, _)) in best {
        regions[cell] |= bit(index);
    }
}

/// S(i) of every cell. Cells of equal bit sets share it, and there are few different sets, so no N x N is needed.
fn areas(regions: &[i32]) -> Vec<f32> {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for &set in regions {
        *counts.entry(set).or_default() += 1;
    }
    let sharing =
        |set: i32| counts.iter().filter(|(other, _)| *other & set != 0).map(|(_, n)| n).sum::<usize>();
    let shares: BTreeMap<i32, f32> =
        counts.keys().map(|&set| (set, (sharing(set) as f64 / regions.len() as f64) as f32)).collect();
    regions.iter().map(|set| shares[set]).collect()
}
