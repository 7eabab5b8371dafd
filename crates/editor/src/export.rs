//! Layout pictures and masks.

use layout::MERGE_TOLERANCE;

use crate::palette::{BACKGROUND, Rgb, look};
use crate::{Document, RegionId};

impl Document {
    /// The layout as a picture of flat colours (RGBA, in the map's size) that reads back as the same regions.
    ///
    /// The background is white (black if that is its colour), since readers take these two for it; a region
    /// whose colour is too close to another's, to black or to white gets a palette colour.
    pub fn layout_rgba(&self) -> Vec<u8> {
        let mut colors = [[0; 4]; 256];
        for (id, [r, g, b]) in self.distinct_colors() {
            colors[usize::from(id.number())] = [r, g, b, 255];
        }
        self.map().pixels().iter().flat_map(|&pixel| colors[usize::from(pixel)]).collect()
    }

    /// A region's mask, 4 bytes a pixel in the map's size: white inside the region, black elsewhere.
    pub fn mask_rgba(&self, region: RegionId) -> Vec<u8> {
        let color = |&pixel: &u8| if pixel == region.number() { [255; 4] } else { [0, 0, 0, 255] };
        self.map().pixels().iter().flat_map(color).collect()
    }

    /// The regions' colours, made distinct.
    fn distinct_colors(&self) -> Vec<(RegionId, Rgb)> {
        let mut taken = vec![[0; 3], [255; 3]];
        let mut colors = Vec::new();
        for region in self.regions() {
            let color = if region.id == RegionId::BACKGROUND {
                if region.color == [0; 3] { region.color } else { BACKGROUND }
            } else {
                let others = RegionId::all().skip(1).map(|id| look(id).0);
                let mut wanted = std::iter::once(region.color).chain(others);
                wanted
                    .find(|color| !taken.iter().any(|other| is_near(*color, *other)))
                    .unwrap_or(region.color)
            };
            taken.push(color);
            colors.push((region.id, color));
        }
        colors
    }
}

/// Whether a reader takes two colours for the same.
fn is_near(a: Rgb, b: Rgb) -> bool {
    (0..3).all(|c| a[c].abs_diff(b[c]) <= MERGE_TOLERANCE)
}
