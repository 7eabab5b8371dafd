//! Zoom and pan.

use crate::{IndexMap, Point};

/// The largest scale: CSS pixels per map pixel.
const MAX_SCALE: f64 = 40.0;

/// The smallest scale, relative to that of [`Viewport::fit`].
const MIN_SCALE_OF_FIT: f64 = 0.25;

/// The margin around a fitted map, in CSS pixels.
const MARGIN: f64 = 16.0;

/// Where the map is in the view: `view = map * scale + offset`.
///
/// The view's centre always shows some part of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Width of the view in CSS pixels.
    pub width: f64,
    /// Height of the view in CSS pixels.
    pub height: f64,
    /// CSS pixels per map pixel.
    pub scale: f64,
    /// Where the map's top left corner is in the view.
    pub offset: Point,
}

impl Default for Viewport {
    /// Scale 1, until the size of the view is known.
    fn default() -> Self {
        Self { width: 0.0, height: 0.0, scale: 1.0, offset: Point::default() }
    }
}

impl Viewport {
    /// The place in the map of a point in the view.
    pub fn to_map(&self, view: Point) -> Point {
        Point::new((view.x - self.offset.x) / self.scale, (view.y - self.offset.y) / self.scale)
    }

    /// The place in the view of a point in the map.
    pub fn to_view(&self, map: Point) -> Point {
        Point::new(map.x * self.scale + self.offset.x, map.y * self.scale + self.offset.y)
    }

    /// Centres the whole map in the view.
    #[must_use]
    pub fn fit(self, map: &IndexMap) -> Self {
        if !self.is_known() {
            return self;
        }
        let scale = self.fit_scale(map);
        let middle = |view: f64, map: u32| (view - f64::from(map) * scale) / 2.0;
        let offset = Point::new(middle(self.width, map.width()), middle(self.height, map.height()));
        Self { scale, offset, ..self }
    }

    /// Resizes the view about its centre. A map that was fitted stays so; so is one in a view's first size.
    #[must_use]
    pub fn resized(self, width: f64, height: f64, map: &IndexMap) -> Self {
        let possible = |side: f64| side.is_finite() && side > 0.0;
        if !possible(width) || !possible(height) {
            return self;
        }
        let fits = !self.is_known() || self == self.fit(map);
        let (right, down) = ((width - self.width) / 2.0, (height - self.height) / 2.0);
        let sized = Self { width, height, ..self };
        if fits { sized.fit(map) } else { sized.panned(right, down, map) }
    }

    /// Moves the map by CSS pixels.
    #[must_use]
    pub fn panned(self, right: f64, down: f64, map: &IndexMap) -> Self {
        let offset = Point::new(self.offset.x + right, self.offset.y + down);
        Self { offset, ..self }.constrained(map).unwrap_or(self)
    }

    /// Moves the map no further than needed to bring a place of it into view, with some room around.
    #[must_use]
    pub fn showing(self, place: Point, map: &IndexMap) -> Self {
        let at = self.to_view(place);
        let side =
            |at: f64, view: f64| at.clamp(MARGIN.min(view / 2.0), (view - MARGIN).max(view / 2.0)) - at;
        if self.is_known() { self.panned(side(at.x, self.width), side(at.y, self.height), map) } else { self }
    }

    /// Magnifies by `factor`; what is at `about` in the view stays there.
    #[must_use]
    pub fn zoomed(self, factor: f64, about: Point, map: &IndexMap) -> Self {
        self.moved(factor, about, about, map)
    }

    /// Follows two fingers: what was between them stays between them, and grows as their distance does.
    #[must_use]
    pub fn pinched(self, from: [Point; 2], to: [Point; 2], map: &IndexMap) -> Self {
        let distance = |[a, b]: [Point; 2]| a.distance(b).max(1.0);
        let factor = distance(to) / distance(from);
        self.moved(factor, from[0].middle(from[1]), to[0].middle(to[1]), map)
    }

    /// The centre of the view.
    pub fn middle(&self) -> Point {
        Point::new(self.width / 2.0, self.height / 2.0)
    }

    /// Magnifies by `factor` and brings what is at `from` to `to`.
    fn moved(self, factor: f64, from: Point, to: Point, map: &IndexMap) -> Self {
        let still = self.to_map(from);
        let smallest = (self.fit_scale(map) * MIN_SCALE_OF_FIT).min(1.0);
        let scale = (self.scale * factor).clamp(smallest, MAX_SCALE);
        let offset = Point::new(to.x - still.x * scale, to.y - still.y * scale);
        Self { scale, offset, ..self }.constrained(map).unwrap_or(self)
    }

    fn fit_scale(&self, map: &IndexMap) -> f64 {
        let room = |view: f64, map: u32| (view - 2.0 * MARGIN).max(view / 2.0) / f64::from(map);
        let scale = room(self.width, map.width()).min(room(self.height, map.height()));
        if self.is_known() { scale.clamp(0.01, MAX_SCALE) } else { 1.0 }
    }

    /// With the map brought back to the view's centre; `None` if a number is not finite.
    fn constrained(self, map: &IndexMap) -> Option<Self> {
        if !(self.scale.is_finite() && self.offset.is_finite()) {
            return None;
        }
        let side = |offset: f64, view: f64, map: u32| {
            offset.clamp(view / 2.0 - f64::from(map) * self.scale, view / 2.0)
        };
        let offset = Point::new(
            side(self.offset.x, self.width, map.width()),
            side(self.offset.y, self.height, map.height()),
        );
        Some(if self.is_known() { Self { offset, ..self } } else { self })
    }

    fn is_known(&self) -> bool {
        self.width > 0.0 && self.height > 0.0
    }
}
