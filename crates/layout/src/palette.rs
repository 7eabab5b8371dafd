//! Tells a picture's region colours from the mixed colours of blurred edges.

use std::collections::HashMap;

use crate::picture::RegionColor;
use crate::{LayoutError, MAX_REGIONS};

/// The most exact colours that are read; the published layouts have up to 7,144.
const MAX_EXACT: usize = 1 << 18;

/// Up to this, neighbours count as equal: less than any visible gradient, more than what compression adds.
const FLAT_TOLERANCE: u8 = 2;

/// How far (in RGB) a colour may lie from the line between two region colours and still be a mixture of them.
const MIXTURE_DISTANCE: f32 = 24.0;

/// The colours of a picture, counted.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// Every exact colour, by descending area, ties by first appearance.
    exact: Vec<Color>,
    /// Every exact colour, by first appearance.
    appearing: Vec<[u8; 3]>,
    /// Each pixel's index in `appearing`.
    places: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Color {
    rgb: [u8; 3],
    area: usize,
    /// Pixels whose eight neighbours all have the same colour: an edge has none.
    inner: usize,
}

impl From<Color> for RegionColor {
    fn from(color: Color) -> Self {
        Self { rgb: color.rgb, area: color.area }
    }
}

/// Counts the colours of a picture of `width` columns.
pub(crate) fn count(pixels: &[[u8; 3]], width: u32) -> Result<Counted, LayoutError> {
    let width = width as usize;
    let mut exact: Vec<Color> = Vec::new();
    let mut known: HashMap<[u8; 3], usize> = HashMap::new();
    let mut places = Vec::with_capacity(pixels.len());
    let mut slot = 0;
    for (at, &rgb) in pixels.iter().enumerate() {
        if at == 0 || pixels[at - 1] != rgb {
            slot = *known.entry(rgb).or_insert_with(|| {
                exact.push(Color { rgb, area: 0, inner: 0 });
                exact.len() - 1
            });
            if exact.len() > MAX_EXACT {
                return Err(LayoutError::NotFlat { limit: MAX_EXACT });
            }
        }
        exact[slot].area += 1;
        exact[slot].inner += usize::from(is_inner(pixels, width, at));
        places.push(slot as u32);
    }
    let appearing = exact.iter().map(|color| color.rgb).collect();
    exact.sort_by_key(|color| std::cmp::Reverse(color.area));
    Ok(Counted { exact, appearing, places })
}

impl Counted {
    /// The exact colours by descending area.
    pub(crate) fn exact(&self) -> Vec<RegionColor> {
        self.exact.iter().copied().map(RegionColor::from).collect()
    }

    /// Applies `region` to each pixel's colour.
    pub(crate) fn index(&self, region: &dyn Fn([u8; 3]) -> u8) -> Vec<u8> {
        let regions: Vec<u8> = self.appearing.iter().map(|&rgb| region(rgb)).collect();
        self.places.iter().map(|&place| regions[place as usize]).collect()
    }

    /// All colours after merging those within the tolerance, by descending area, edges included.
    pub(crate) fn merged(&self, tolerance: u8) -> Vec<RegionColor> {
        self.merge(tolerance).into_iter().map(RegionColor::from).collect()
    }

    /// The region colours by descending area.
    ///
    /// A colour with flat inner parts is a region, unless it is a speck. One without is a region only if it
    /// is no mixture of two others and has at least `1 / thin_share` of the pixels, such as a thin line.
    pub(crate) fn regions(&self, thin_share: usize, tolerance: u8) -> Vec<RegionColor> {
        let colors = self.merge(tolerance);
        let largest = colors.first().copied();
        let is_solid = |color: &Color| color.inner * 10 >= color.area;
        let (solid, thin): (Vec<Color>, Vec<Color>) = colors.into_iter().partition(is_solid);
        let mut regions: Vec<Color> =
            solid.into_iter().filter(|color| self.has_share(color, 10_000)).collect();
        for color in thin.into_iter().filter(|color| self.has_share(color, thin_share)) {
            // A picture with more regions is refused; comparing with every pair of thousands would take minutes.
            if !is_mixture(color, &regions[..regions.len().min(MAX_REGIONS)]) {
                regions.push(color);
            }
        }
        if regions.is_empty() {
            regions.extend(largest);
        }
        regions.sort_by_key(|color| std::cmp::Reverse(color.area));
        regions.into_iter().map(RegionColor::from).collect()
    }

    /// Whether a colour beyond the expected number is too large to be ignored.
    pub(crate) fn is_substantial(&self, color: &RegionColor) -> bool {
        color.area >= self.places.len().div_ceil(400)
    }

    /// Whether a colour has at least `1 / share` of the pixels.
    fn has_share(&self, color: &Color, share: usize) -> bool {
        color.area >= self.places.len().div_ceil(share)
    }

    /// Merges each colour into the largest one within the tolerance, if there is any.
    ///
    /// Colours are binned into cubes of side `tolerance + 1`, so that a cube holds at most one merged colour
    /// and only the 27 cubes around have to be searched, whatever the picture.
    fn merge(&self, tolerance: u8) -> Vec<Color> {
        let side = usize::from(tolerance) + 1;
        let mut merged: Vec<Color> = Vec::new();
        let mut cubes: HashMap<[usize; 3], usize> = HashMap::new();
        for color in &self.exact {
            let [r, g, b] = color.rgb.map(|channel| usize::from(channel) / side);
            let around = |at: usize| at.saturating_sub(1)..=at + 1;
            let near = around(r)
                .flat_map(|r| around(g).map(move |g| (r, g)))
                .flat_map(|(r, g)| around(b).map(move |b| [r, g, b]))
                .filter_map(|cube| cubes.get(&cube).copied())
                .filter(|&at| is_near(merged[at].rgb, color.rgb, tolerance))
                .min();
            if let Some(at) = near {
                merged[at].area += color.area;
                merged[at].inner += color.inner;
            } else {
                cubes.insert([r, g, b], merged.len());
                merged.push(*color);
            }
        }
        merged.sort_by_key(|color| std::cmp::Reverse(color.area));
        merged
    }
}

/// Whether two colours count as one.
pub(crate) fn is_near(a: [u8; 3], b: [u8; 3], tolerance: u8) -> bool {
    differ(a, b) <= tolerance
}

/// The squared distance of two colours in RGB.
pub(crate) fn squared_distance(a: [u8; 3], b: [u8; 3]) -> i32 {
    (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).pow(2)).sum()
}

fn differ(a: [u8; 3], b: [u8; 3]) -> u8 {
    a[0].abs_diff(b[0]).max(a[1].abs_diff(b[1])).max(a[2].abs_diff(b[2]))
}

/// Whether the pixel's neighbours (those inside the picture) have its colour.
fn is_inner(pixels: &[[u8; 3]], width: usize, at: usize) -> bool {
    let (x, y, height) = (at % width, at / width, pixels.len() / width);
    let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
    (y.saturating_sub(1)..=(y + 1).min(height - 1))
        .flat_map(|row| &pixels[row * width + left..=row * width + right])
        .all(|&other| differ(other, pixels[at]) <= FLAT_TOLERANCE)
}

/// Whether a colour lies on the line between two of `regions`, as the pixels of a blurred edge do.
fn is_mixture(color: Color, regions: &[Color]) -> bool {
    let vector = |from: [u8; 3], to: [u8; 3]| [0, 1, 2].map(|c| f32::from(to[c]) - f32::from(from[c]));
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    regions.iter().enumerate().any(|(at, from)| {
        let point = vector(from.rgb, color.rgb);
        regions[at + 1..].iter().any(|to| {
            let line = vector(from.rgb, to.rgb);
            let along = (dot(point, line) / dot(line, line).max(1.0)).clamp(0.0, 1.0);
            let off = [0, 1, 2].map(|c| point[c] - along * line[c]);
            dot(off, off).sqrt() <= MIXTURE_DISTANCE
        })
    })
}
