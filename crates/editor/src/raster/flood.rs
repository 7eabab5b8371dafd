//! Flood fill.

use super::Painter;
use crate::map::IndexMap;
use crate::{Rect, RegionId};

/// Paints the 4-connected pixels of one region around pixel (x, y), and returns the rectangle that changed.
/// The caller makes sure that the pixel's region is not locked.
pub(crate) fn flood(map: &mut IndexMap, (x, y): (u32, u32), with: RegionId) -> Rect {
    let Some(target) = map.at(x, y).filter(|target| *target != with) else { return Rect::default() };
    let target = target.number();
    let mut open = vec![(x, y)];
    let mut dirty = Rect::default();
    while let Some((x, y)) = open.pop() {
        let row = map.row(y);
        let at = x as usize;
        if row[at] != target {
            continue;
        }
        let x0 = row[..at].iter().rposition(|&pixel| pixel != target).map_or(0, |left| left + 1) as u32;
        let end = row[at..].iter().position(|&pixel| pixel != target);
        let x1 = end.map_or(map.width(), |end| x + end as u32);
        let mut painter = Painter::new(map, with, 0);
        painter.span(y, x0, x1);
        dirty = dirty.union(&painter.dirty());
        for next in [y.checked_sub(1), Some(y + 1).filter(|next| *next < map.height())].into_iter().flatten()
        {
            let mut at = x0;
            for run in map.span(next, x0, x1).chunk_by(|a, b| a == b) {
                if run[0] == target {
                    open.push((at, next));
                }
                at += run.len() as u32;
            }
        }
    }
    dirty
}
