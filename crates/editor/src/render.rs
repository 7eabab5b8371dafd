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
        for (mut row, y) in pixels.chunks_exact_mut(rect.width.max(1) as usize).zip(rect.y..seen.bottom()) {
            // The map begins at 0, so that nothing of `rect` lies to the left of it.
            let mut x = seen.x;
            for run in self.map.span(y, seen.x, seen.right()).chunk_by(|a, b| a == b) {
                let (part, rest) = row.split_at_mut(run.len());
                let ([plain, line], hatch) = (colors[usize::from(run[0])], hatches[usize::from(run[0])]);
                part.fill(plain);
                if hatch != Hatch::Plain {
                    let lines = part.iter_mut().zip(x..).filter(|(_, x)| hatch.covers(*x, y));
                    lines.for_each(|(pixel, _)| *pixel = line);
                }
                (row, x) = (rest, x + run.len() as u32);
            }
        }
    }
}

fn mixed(color: u8, ink: u8) -> u8 {
    ((u16::from(color) * (255 - LINE) + u16::from(ink) * LINE) / 255) as u8
}
