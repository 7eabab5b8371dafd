//! Scores of what the evaluator saw against what was asked for; the crate documentation defines the metrics.

use layout::{Layout, LayoutError, LevelMasks, MaskMode};
use serde::Serialize;

use crate::{GRID, Maps, Wanted};

/// Fewer cells of a kind are noise: 0.8 % of the picture, far below the smallest region of our sets (231
/// cells) and far above the specks that a segmenter leaves at edges.
pub const MIN_CELLS: usize = 32;

/// The score of one object.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ObjectScore {
    /// Is it present?
    pub there: bool,
    /// Is it present, mostly in its region?
    pub in_region: bool,
    /// Intersection over union with its region; 0 if absent.
    pub iou: f64,
    /// Does it have the colour that the text names? `None` if the text names none.
    pub bound: Option<bool>,
}

/// Returns, per cell of the evaluator's grid, the bit set of its regions, by nearest neighbour.
///
/// # Errors
/// None for a layout of a valid size.
pub fn grid(layout: &Layout) -> Result<Vec<i32>, LayoutError> {
    let masks = LevelMasks::new(layout, (GRID, GRID), 1, MaskMode::Nearest)?;
    Ok(masks.levels.into_iter().flat_map(|level| level.regions).collect())
}

/// Scores every object of `wanted` in a picture whose layout has the cells `regions` (see [`grid`]).
pub fn score(wanted: &[Wanted], regions: &[i32], maps: &Maps) -> Vec<ObjectScore> {
    wanted.iter().map(|object| score_object(object, wanted, regions, maps)).collect()
}

fn score_object(object: &Wanted, all: &[Wanted], regions: &[i32], maps: &Maps) -> ObjectScore {
    let rivals: Vec<&Wanted> = all.iter().filter(|other| other.kind == object.kind).collect();
    let is_mine =
        |cell: usize| maps.kind[cell] == object.kind && nearest(cell, &rivals, regions) == object.region;
    let cells: Vec<usize> = (0..regions.len()).filter(|&cell| is_mine(cell)).collect();
    let in_mask = |cell: usize| regions[cell] & (1 << object.region) != 0;
    let mask = (0..regions.len()).filter(|&cell| in_mask(cell)).count();
    let inside = cells.iter().filter(|&&cell| in_mask(cell)).count();
    let there = cells.len() >= MIN_CELLS;
    let union = cells.len() + mask - inside;
    ObjectScore {
        there,
        in_region: there && 2 * inside > cells.len(),
        iou: if there { inside as f64 / union as f64 } else { 0.0 },
        bound: object.colour.map(|colour| there && most_frequent(&cells, &maps.colour) == Some(colour)),
    }
}

/// Returns the region of `rivals` that contains a cell or is nearest to it, the first on a tie.
fn nearest(cell: usize, rivals: &[&Wanted], regions: &[i32]) -> usize {
    if let [only] = rivals {
        return only.region;
    }
    let squared_distance = |to: usize| {
        let (rows, columns) = ((cell / GRID).abs_diff(to / GRID), (cell % GRID).abs_diff(to % GRID));
        rows * rows + columns * columns
    };
    let distance = |region: usize| {
        let cells = (0..regions.len()).filter(|&at| regions[at] & (1 << region) != 0);
        cells.map(squared_distance).min().unwrap_or(usize::MAX)
    };
    rivals.iter().map(|rival| rival.region).min_by_key(|&region| distance(region)).unwrap_or_default()
}

/// Returns the most frequent class of `cells`, the first on a tie.
fn most_frequent(cells: &[usize], classes: &[usize]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    for &cell in cells {
        *counts.entry(classes[cell]).or_insert(0) += 1;
    }
    counts.into_iter().rev().max_by_key(|&(_, count)| count).map(|(class, _)| class)
}
