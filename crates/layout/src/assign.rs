//! From pixels' colours to region indices.

use std::collections::VecDeque;

use crate::palette::{Counted, is_near, squared_distance};
use crate::picture::ColorMatch;
use crate::{Layout, LayoutError, MAX_REGIONS, NONE};

/// The layout of a counted picture of a size (width, height), with one region per colour of `colors`.
pub(crate) fn assign(
    (width, height): (u32, u32),
    counted: &Counted,
    colors: &[[u8; 3]],
    matching: ColorMatch,
) -> Result<Layout, LayoutError> {
    if !(1..=MAX_REGIONS).contains(&colors.len()) {
        return Err(LayoutError::Regions { found: colors.len() });
    }
    let exact = |rgb| colors.iter().position(|&color| color == rgb).map_or(NONE, |at| at as u8);
    let mut indices = match matching {
        ColorMatch::Exact => counted.index(&exact),
        ColorMatch::Within(tolerance) => counted.index(&|rgb| {
            nearest(colors, rgb)
                .filter(|&at| is_near(colors[usize::from(at)], rgb, tolerance))
                .unwrap_or(NONE)
        }),
    };
    if matching != ColorMatch::Exact {
        join_nearest_region(&mut indices, width as usize);
        if indices.contains(&NONE) {
            // No pixel is near any colour, so there is no region to join.
            indices = counted.index(&|rgb| nearest(colors, rgb).unwrap_or(NONE));
        }
    }
    Layout::new(width, height, colors.len(), indices)
}

/// The region of the nearest colour.
fn nearest(colors: &[[u8; 3]], rgb: [u8; 3]) -> Option<u8> {
    let at = (0..colors.len()).min_by_key(|&at| squared_distance(colors[at], rgb))?;
    Some(at as u8)
}

/// Grows the regions at equal pace into the pixels of none.
///
/// A pixel between two regions has a mixture of their colours, which may well be nearest to the colour of a
/// third: its position tells better than its colour where it belongs.
fn join_nearest_region(indices: &mut [u8], width: usize) {
    let neighbors = |at: usize| {
        let x = at % width;
        let left = (x > 0).then(|| at - 1);
        let right = (x + 1 < width).then_some(at + 1);
        [at.checked_sub(width), left, right, Some(at + width)].into_iter().flatten()
    };
    let is_open = |indices: &[u8], at: usize| indices.get(at) == Some(&NONE);
    let is_taken = |at: &usize| indices.get(*at).is_some_and(|region| *region != NONE);
    let open = (0..indices.len()).filter(|at| indices[*at] == NONE);
    let mut edges: Vec<usize> = open.flat_map(neighbors).filter(is_taken).collect();
    // In pixel order, which decides between regions that are equally near.
    edges.sort_unstable();
    edges.dedup();
    let mut front = VecDeque::from(edges);
    while let Some(at) = front.pop_front() {
        for next in neighbors(at) {
            if is_open(indices, next) {
                indices[next] = indices[at];
                front.push_back(next);
            }
        }
    }
}
