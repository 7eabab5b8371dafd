//! The map in the regions' colours.

use crate::palette::ink;
use crate::{Document, Hatch, Rect, RegionId};

/// The opacity of faded regions, of 255.
const FADED: u8 = 72;

/// The share of the ink in a line of the hatching, of 255.
const LINE: u16 = 110;

impl Document {
    /// Fills `rgba` with the pixels of a part of the map, 4 bytes each (not premultiplied) in rows from the
    /// top left, as `ImageData` takes them. Regions other than `highlight` are faded, if there is one.
    ///
    /// Nothing is written for what lies outside of the map or does not fit in `rgba`.
    pub fn paint_rgba(&self, rect: Rect, highlight: Option<RegionId>, rgba: &mut [u8]) {
        let (mut plain, mut lines, mut hatches) = ([[0; 4]; 256], [[0; 4]; 256], [Hatch::Plain; 256]);
        for region in self.regions() {
            let at = usize::from(region.id.number());
            let opacity = if highlight.is_some_and(|id| id != region.id) { FADED } else { 255 };
            let ([r, g, b], ink) = (region.color, ink(region.color));
            let line = [0, 1, 2].map(|c| mixed(region.color[c], ink[c]));
            plain[at] = [r, g, b, opacity];
            lines[at] = [line[0], line[1], line[2], opacity];
            hatches[at] = region.hatch;
        }
        let is_hatched = hatches.iter().any(|hatch| *hatch != Hatch::Plain);
        let seen = rect.intersection(&self.map.rect());
        if seen.is_empty() {
            return;
        }
        let (pixels, _) = rgba.as_chunks_mut::<4>();
        // The map begins at 0, so that nothing of `rect` lies to the left of it.
        for (row, y) in pixels.chunks_exact_mut(rect.width.max(1) as usize).zip(seen.y..seen.bottom()) {
            let regions = self.map.span(y, seen.x, seen.right());
            // One lookup per pixel: fast even when optimizing for size.
            for (pixel, region) in row.iter_mut().zip(regions) {
                *pixel = plain[usize::from(*region)];
            }
            if is_hatched {
                for ((pixel, region), x) in row.iter_mut().zip(regions).zip(seen.x..) {
                    if hatches[usize::from(*region)].covers(x, y) {
                        *pixel = lines[usize::from(*region)];
                    }
                }
            }
        }
    }
}

fn mixed(color: u8, ink: u8) -> u8 {
    ((u16::from(color) * (255 - LINE) + u16::from(ink) * LINE) / 255) as u8
}
