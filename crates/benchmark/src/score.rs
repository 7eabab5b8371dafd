//! What the evaluator saw against what was asked for; the crate's page defines the measures.

use layout::{Layout, LayoutError, LevelMasks, MaskMode};
use serde::Serialize;

use crate::{GRID, Maps, Wanted};

/// Fewer cells of a kind than this are noise: 0.8 % of the picture, far below the smallest region of our sets (231 cells)
/// and far above the specks that a segmenter leaves at the edges of things.
pub const MIN_CELLS: usize = 32;

/// How one object came out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ObjectScore {
    /// It is there.
    pub there: bool,
    /// It is there, most of it in its region.
    pub in_region: bool,
    /// Intersection over union with its region; 0 if it is not there.
    pub iou: f64,
    /// It has the colour that the text names; `None` where the text names none.
    pub bound: Option<bool>,
}

/// The bit set of the regions of every cell of the evaluator's grid, by nearest neighbour.
///
/// # Errors
/// None for a layout of an allowed size.
pub fn grid(layout: &Layout) -> Result<Vec<i32>, LayoutError> {
    let masks = LevelMasks::new(layout, (GRID, GRID), 1, MaskMode::Nearest)?;
    Ok(masks.levels.into_iter().flat_map(|level| level.regions).collect())
}

/// The score of every object of `wanted`, in a picture whose layout has the cells `regions` (see [`grid`]).
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

/// The region among those of `rivals` that a cell lies in or is nearest to, the first of equal ones.
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

/// The class that most of `cells` have, the first of equal ones.
fn most_frequent(cells: &[usize], classes: &[usize]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    for &cell in cells {
        *counts.entry(classes[cell]).or_insert(0) += 1;
    }
    counts.into_iter().rev().max_by_key(|&(_, count)| count).map(|(class, _)| class)
}
