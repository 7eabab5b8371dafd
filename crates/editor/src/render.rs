//! The map in the regions' colours.

use crate::palette::ink;
use crate::{Document, Hatch, Rect, RegionId};

/// The opacity of faded regions, of 255.
const FADED: u8 = 72;

/// How much of the ink a line of the hatching has, of 255.
const LINE: u16 = 110;

impl Document {
    /// Fills `rgba` with the pixels of a part of the map, 4 bytes each (not premultiplied) in rows from the top left:
    /// what `ImageData` takes. Regions other than `highlight` are faded, if there is one.
    ///
    /// Nothing is written for what lies outside of the map or does not fit in `rgba`.
    pub fn paint_rgba(&self, rect: Rect, highlight: Option<RegionId>, rgba: &mut [u8]) {
        let mut colors = [[[0; 4]; 2]; 256];
        let mut hatches = [Hatch::Plain; 256];
        for region in self.regions() {
            let at = usize::from(region.id.number());
            let opacity = if highlight.is_some_and(|id| id != region.id) { FADED } else { 255 };
            let [r, g, b] = region.color;
            let ink = ink(region.color);
            let line = [0, 1, 2].map(|c| mixed(region.color[c], ink[c]));
            colors[at] = [[r, g, b, opacity], [line[0], line[1], line[2], opacity]];
            hatches[at] = region.hatch;
        }
        let seen = rect.intersection(&self.map.rect());
        if seen.is_empty() {
            return;
        }
        let (pixels, _) = rgba.as_chunks_mut::<4>();
        for (row, y) in pixels.chunks_exact_mut(rect.width.max(1) as usize).zip(rect.y..seen.bottom()) {
            // The map begins at 0, so that nothing of `rect` lies to the left of it.
            let regions = self.map.span(y, seen.x, seen.right());
            for ((pixel, &region), x) in row.iter_mut().zip(regions).zip(seen.x..) {
                let at = usize::from(region);
                let is_line = hatches[at] != Hatch::Plain && hatches[at].covers(x, y);
                *pixel = colors[at][usize::from(is_line)];
            }
        }
    }
}

fn mixed(color: u8, ink: u8) -> u8 {
    ((u16::from(color) * (255 - LINE) + u16::from(ink) * LINE) / 255) as u8
}
