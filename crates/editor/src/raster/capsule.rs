//! The mark of a round brush between two samples.

use super::{Painter, UNIT, center, convex_row, fixed, fixed_point};
use crate::Point;

/// A round stamp, in eighths of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disc {
    x: i64,
    y: i64,
    radius: i64,
}

impl Disc {
    /// The smallest radius, 3/4 of a pixel: the least in eighths with which a disc always contains a pixel
    /// centre, and a stroke has no gaps.
    const MIN_RADIUS: i64 = 6;

    /// A stamp with a radius in pixels, at least 3/4.
    pub(crate) fn new(at: Point, radius: f64) -> Self {
        let (x, y) = fixed_point(at);
        Self { x, y, radius: fixed(radius).max(Self::MIN_RADIUS) }
    }

    /// Left and right end of the disc at height `y`.
    fn chord(&self, y: i64) -> Option<(f64, f64)> {
        let half = self.radius * self.radius - (y - self.y) * (y - self.y);
        (half >= 0).then(|| (half as f64).sqrt()).map(|half| (self.x as f64 - half, self.x as f64 + half))
    }
}

/// The convex hull of two discs: all that a round brush covers on a straight line from one to the other while
/// its radius changes linearly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capsule {
    from: Disc,
    to: Disc,
    /// The straight parts of the outline, each as two points.
    tangents: Option<[[(f64, f64); 2]; 2]>,
}

impl Capsule {
    pub(crate) fn new(from: Disc, to: Disc) -> Self {
        Self { from, to, tangents: tangents(&from, &to) }
    }

    /// Whether the centre of pixel (x, y) is inside: whether for some t in 0..1
    ///
    /// `|p - t d|^2 <= (r0 + t (r1 - r0))^2`, that is `a - 2 b t + c t^2 <= 0`.
    ///
    /// All products stay below 2^62, see [`super::fixed`].
    pub(crate) fn contains(&self, x: i64, y: i64) -> bool {
        let Self { from, to, .. } = self;
        let (px, py) = (center(x) - from.x, center(y) - from.y);
        let (dx, dy, growth) = (to.x - from.x, to.y - from.y, to.radius - from.radius);
        let a = px * px + py * py - from.radius * from.radius;
        let b = px * dx + py * dy + from.radius * growth;
        let c = dx * dx + dy * dy - growth * growth;
        // At the ends: within a disc. Between them, where the parabola opens upwards: its lowest point.
        a <= 0 || a - 2 * b + c <= 0 || (0 < b && b < c && a * c <= b * b)
    }

    /// Paints all pixels inside.
    pub(crate) fn paint(&self, painter: &mut Painter<'_>) {
        let (from, to) = (&self.from, &self.to);
        let top = (from.y - from.radius).min(to.y - to.radius).div_euclid(UNIT).max(0);
        let bottom = (from.y + from.radius).max(to.y + to.radius).div_euclid(UNIT);
        for y in top..=bottom.min(i64::from(painter.height()) - 1) {
            let row = self.row(center(y));
            let row = row.and_then(|row| convex_row(row, painter.width(), |x| self.contains(x, y)));
            if let Some((x0, x1)) = row {
                painter.span(y as u32, x0, x1);
            }
        }
    }

    /// The left and right end of the outline at height `y`, up to rounding.
    fn row(&self, y: i64) -> Option<(f64, f64)> {
        let chords = [self.from.chord(y), self.to.chord(y)].into_iter().flatten();
        let crossings = self.tangents.iter().flatten().filter_map(|tangent| crossing(tangent, y as f64));
        chords.chain(crossings).reduce(|(left, right), (x0, x1)| (left.min(x0), right.max(x1)))
    }
}

/// The outer tangents of two discs, if neither contains the other.
fn tangents(from: &Disc, to: &Disc) -> Option<[[(f64, f64); 2]; 2]> {
    let (dx, dy) = ((to.x - from.x) as f64, (to.y - from.y) as f64);
    let length = dx.hypot(dy);
    let cosine = (from.radius - to.radius) as f64 / length;
    if !(-1.0..1.0).contains(&cosine) {
        return None;
    }
    let (ux, uy, sine) = (dx / length, dy / length, (1.0 - cosine * cosine).sqrt());
    let tangent = |side: f64| {
        let (nx, ny) = (cosine * ux - side * sine * uy, cosine * uy + side * sine * ux);
        [from, to]
            .map(|disc| (disc.x as f64 + disc.radius as f64 * nx, disc.y as f64 + disc.radius as f64 * ny))
    };
    Some([tangent(1.0), tangent(-1.0)])
}

/// Where a line from one point to another is at height `y`, as an interval of length 0.
fn crossing(&[(x0, y0), (x1, y1)]: &[(f64, f64); 2], y: f64) -> Option<(f64, f64)> {
    if y < y0.min(y1) || y > y0.max(y1) || y0 == y1 {
        return None;
    }
    let x = x0 + (x1 - x0) * (y - y0) / (y1 - y0);
    Some((x, x))
}
