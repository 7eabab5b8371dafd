//! Moving a region.

use crate::map::IndexMap;
use crate::raster::Painter;
use crate::{Point, Rect, RegionId};

/// A region that is being dragged. What it covers comes back when it moves on; what it leaves is background; what
/// leaves the map is lost once it is dropped.
#[derive(Debug)]
pub(crate) struct Mover {
    region: RegionId,
    locked: u32,
    start: Point,
    /// Where the region was.
    source: Rect,
    /// All that differs from the map as it was.
    touched: Rect,
}

impl Mover {
    pub(crate) fn new(region: RegionId, locked: u32, start: Point, map: &IndexMap) -> Self {
        Self { region, locked, start, source: map.bounds(region), touched: Rect::default() }
    }

    /// Shows the region moved; `before` is the map at the start.
    pub(crate) fn drag(&mut self, map: &mut IndexMap, before: &IndexMap, to: Point) -> Rect {
        let (right, down) = ((to.x - self.start.x).round() as i64, (to.y - self.start.y).round() as i64);
        map.restore(&self.touched, before);
        let mut painter = Painter::new(map, RegionId::BACKGROUND, 0);
        self.runs(before, |y, x0, x1| painter.span(y, x0, x1));
        let left = painter.dirty();
        let mut painter = Painter::new(map, self.region, self.locked);
        self.runs(before, |y, x0, x1| {
            let moved = |at: u32, by: i64| i64::from(at).saturating_add(by);
            painter.clipped(moved(y, down), moved(x0, right), moved(x1, right));
        });
        let touched = left.union(&painter.dirty());
        touched.union(&std::mem::replace(&mut self.touched, touched))
    }

    /// The region's pixels as `x0..x1` of row `y`.
    fn runs(&self, before: &IndexMap, mut run: impl FnMut(u32, u32, u32)) {
        for y in self.source.y..self.source.bottom() {
            let mut x = self.source.x;
            for pixels in before.span(y, x, self.source.right()).chunk_by(|a, b| a == b) {
                let end = x + pixels.len() as u32;
                if pixels[0] == self.region.number() {
                    run(y, x, end);
                }
                x = end;
            }
        }
    }
}
