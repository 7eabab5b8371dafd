//! Moving a region.

use crate::map::IndexMap;
use crate::raster::Painter;
use crate::{Point, Rect, RegionId};

/// A region that is being dragged. What it covers reappears when it moves on; what it leaves is background;
/// what leaves the map is lost once it is dropped.
#[derive(Debug)]
pub(crate) struct Mover {
    region: RegionId,
    locked: u32,
    start: Point,
    /// The map without the region.
    ground: IndexMap,
    /// The region's pixels at the start: row, first column, end.
    spans: Vec<(i64, i64, i64)>,
    /// How far it has been moved: to the right and down.
    by: (i64, i64),
    /// Where it is now.
    covered: Rect,
}

impl Mover {
    /// Picks up a region. The map and the ground differ only within its bounds.
    pub(crate) fn new(region: RegionId, locked: u32, start: Point, map: &IndexMap) -> Self {
        let covered = map.bounds(region);
        let (mut ground, mut spans) = (map.clone(), Vec::new());
        let mut painter = Painter::new(&mut ground, RegionId::BACKGROUND, 0);
        for y in covered.y..covered.bottom() {
            let mut x = covered.x;
            for run in map.span(y, x, covered.right()).chunk_by(|a, b| a == b) {
                let end = x + run.len() as u32;
                if run[0] == region.number() {
                    painter.span(y, x, end);
                    spans.push((y.into(), x.into(), end.into()));
                }
                x = end;
            }
        }
        Self { region, locked, start, ground, spans, by: (0, 0), covered }
    }

    /// Moves the region along.
    pub(crate) fn drag(&mut self, map: &mut IndexMap, to: Point) -> Rect {
        let by = ((to.x - self.start.x).round() as i64, (to.y - self.start.y).round() as i64);
        if by == self.by {
            return Rect::default();
        }
        for (y, x0, x1) in moved(&self.spans, self.by) {
            if let Some((y, x0, x1)) = map.clip(y, x0, x1) {
                map.span_mut(y, x0, x1).copy_from_slice(self.ground.span(y, x0, x1));
            }
        }
        let mut painter = Painter::new(map, self.region, self.locked);
        for (y, x0, x1) in moved(&self.spans, by) {
            painter.clipped(y, x0, x1);
        }
        self.by = by;
        let covered = painter.dirty();
        covered.union(&std::mem::replace(&mut self.covered, covered))
    }
}

fn moved(spans: &[(i64, i64, i64)], (right, down): (i64, i64)) -> impl Iterator<Item = (i64, i64, i64)> {
    let by = i64::saturating_add;
    spans.iter().map(move |&(y, x0, x1)| (by(y, down), by(x0, right), by(x1, right)))
}
