//! The index map: which region each pixel belongs to.

use layout::MAX_REGIONS;
use request::Size;

use crate::{Rect, RegionId};

/// The longest side of a map in pixels.
pub(crate) const MAX_SIDE: u32 = 1024;

/// The least longer side of a map: a smaller one would be too coarse to draw on.
pub(crate) const MIN_LONGER_SIDE: u32 = 512;

/// The size (width, height) of the map on which a picture is drawn.
///
/// It is the picture's own, if its longer side has 512 to 1024 pixels. A smaller picture's is enlarged by the
/// smallest whole factor that reaches 512, so that nearest neighbour recovers exactly what was drawn; a
/// larger one's is reduced to 1024, which is still at least 2 x 2 pixels for each latent cell.
pub fn working_size(picture: Size) -> (u32, u32) {
    let (width, height) = (picture.width(), picture.height());
    let longer = width.max(height);
    if longer > MAX_SIDE {
        let reduced = |side: u32| ((side * MAX_SIDE + longer / 2) / longer).max(1);
        return (reduced(width), reduced(height));
    }
    let factor = MIN_LONGER_SIDE.div_ceil(longer);
    (width * factor, height * factor)
}

/// `width * height` pixels in rows from the top left, each the number of a region; 0 is the background.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexMap {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl IndexMap {
    /// A map of background.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width, height, pixels: vec![0; width as usize * height as usize] }
    }

    /// A map of `pixels`, as many as the size needs.
    pub(crate) fn from_pixels(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        debug_assert_eq!(pixels.len(), width as usize * height as usize);
        Self { width, height, pixels }
    }

    /// Width in pixels, at most 1024.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at most 1024.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The numbers of the pixels' regions, in rows from the top left.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The rectangle of the whole map.
    pub fn rect(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The region of a pixel, if the map has that pixel.
    pub fn at(&self, x: u32, y: u32) -> Option<RegionId> {
        let inside = x < self.width && y < self.height;
        inside.then(|| RegionId::of_pixel(self.pixels[self.offset(x, y)]))
    }

    /// Number of pixels by region number.
    pub fn areas(&self) -> [usize; MAX_REGIONS] {
        let mut areas = [0; MAX_REGIONS];
        for run in self.pixels.chunk_by(|a, b| a == b) {
            areas[usize::from(run[0])] += run.len();
        }
        areas
    }

    /// The smallest rectangle around a region's pixels, empty if it has none.
    pub fn bounds(&self, region: RegionId) -> Rect {
        let mut bounds = Rect::default();
        for y in 0..self.height {
            let row = self.row(y);
            let Some(first) = row.iter().position(|&pixel| pixel == region.number()) else { continue };
            let last = row.iter().rposition(|&pixel| pixel == region.number()).unwrap_or(first);
            bounds = bounds.union(&Rect::new(first as u32, y, (last - first + 1) as u32, 1));
        }
        bounds
    }

    pub(crate) fn row(&self, y: u32) -> &[u8] {
        self.span(y, 0, self.width)
    }

    /// Clips the pixels `x0..x1` of row `y` to the map; `None` if none is left.
    pub(crate) fn clip(&self, y: i64, x0: i64, x1: i64) -> Option<(u32, u32, u32)> {
        let column = |at: i64| at.clamp(0, i64::from(self.width)) as u32;
        let (x0, x1) = (column(x0), column(x1));
        ((0..i64::from(self.height)).contains(&y) && x0 < x1).then_some((y as u32, x0, x1))
    }

    /// The pixels `x0..x1` of row `y`.
    pub(crate) fn span(&self, y: u32, x0: u32, x1: u32) -> &[u8] {
        let (from, to) = (self.offset(x0, y), self.offset(x1, y));
        &self.pixels[from..to]
    }

    pub(crate) fn span_mut(&mut self, y: u32, x0: u32, x1: u32) -> &mut [u8] {
        let (from, to) = (self.offset(x0, y), self.offset(x1, y));
        &mut self.pixels[from..to]
    }

    pub(crate) fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// Copies the pixels of `rect` from a map of the same size.
    pub(crate) fn restore(&mut self, rect: &Rect, from: &Self) {
        let rect = rect.intersection(&self.rect());
        for y in rect.y..rect.bottom() {
            self.span_mut(y, rect.x, rect.right()).copy_from_slice(from.span(y, rect.x, rect.right()));
        }
    }

    /// Resamples to another size, nearest neighbour by pixel centres.
    pub(crate) fn resampled(&self, width: u32, height: u32) -> Self {
        let source = |at: u32, from: u32, to: u32| {
            ((2 * u64::from(at) + 1) * u64::from(from) / (2 * u64::from(to))) as u32
        };
        let columns: Vec<usize> = (0..width).map(|x| source(x, self.width, width) as usize).collect();
        let rows = (0..height).map(|y| self.row(source(y, self.height, height)));
        let pixels = rows.flat_map(|row| columns.iter().map(|&x| row[x])).collect();
        Self { width, height, pixels }
    }

    fn offset(&self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }
}

impl std::fmt::Debug for IndexMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let areas = self.areas();
        let regions: Vec<_> = areas.iter().enumerate().filter(|(_, area)| **area > 0).collect();
        write!(f, "IndexMap({} x {}, pixels by region {regions:?})", self.width, self.height)
    }
}
