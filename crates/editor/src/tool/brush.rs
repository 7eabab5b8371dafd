//! Brush and eraser.

use crate::map::IndexMap;
use crate::raster::{Capsule, Disc, Painter};
use crate::{Rect, RegionId};

/// A stroke that is being painted: the union of the capsules between its samples.
#[derive(Debug)]
pub(crate) struct Stroke {
    region: RegionId,
    locked: u32,
    last: Option<Disc>,
}

impl Stroke {
    pub(crate) fn new(region: RegionId, locked: u32) -> Self {
        Self { region, locked, last: None }
    }

    /// Paints from the last sample to this one.
    pub(crate) fn extend(&mut self, map: &mut IndexMap, to: Disc) -> Rect {
        let from = self.last.replace(to).unwrap_or(to);
        let mut painter = Painter::new(map, self.region, self.locked);
        Capsule::new(from, to).paint(&mut painter);
        painter.dirty()
    }
}
