//! Writing into the map.

use crate::map::IndexMap;
use crate::{Rect, RegionId};

/// Paints one region, sparing the locked ones.
pub(crate) struct Painter<'a> {
    map: &'a mut IndexMap,
    region: RegionId,
    /// Bit n: region n is locked.
    locked: u32,
    dirty: Rect,
}

impl<'a> Painter<'a> {
    /// Paints `region` wherever the map's region is not in the set `locked`.
    pub(crate) fn new(map: &'a mut IndexMap, region: RegionId, locked: u32) -> Self {
        Self { map, region, locked, dirty: Rect::default() }
    }

    pub(crate) fn width(&self) -> u32 {
        self.map.width()
    }

    pub(crate) fn height(&self) -> u32 {
        self.map.height()
    }

    /// Paints the pixels `x0..x1` of row `y`, which the map must have.
    pub(crate) fn span(&mut self, y: u32, x0: u32, x1: u32) {
        let (pixels, value) = (self.map.span_mut(y, x0, x1), self.region.number());
        if self.locked == 0 {
            pixels.fill(value);
        } else {
            for pixel in pixels.iter_mut().filter(|pixel| self.locked & (1 << **pixel) == 0) {
                *pixel = value;
            }
        }
        self.dirty = self.dirty.union(&Rect::new(x0, y, x1 - x0, 1));
    }

    /// Paints the pixels `x0..x1` of row `y`, clipped to the map.
    pub(crate) fn clipped(&mut self, y: i64, x0: i64, x1: i64) {
        if let Some((y, x0, x1)) = self.map.clip(y, x0, x1) {
            self.span(y, x0, x1);
        }
    }

    /// The rectangle around all that was painted.
    pub(crate) fn dirty(self) -> Rect {
        self.dirty
    }
}
