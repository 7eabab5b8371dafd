//! Rasterization: a pixel is in a shape if its centre is, decided in integers.
//!
//! Points are first rounded to eighths of a pixel. After that nothing is rounded: the same shape gives the
//! same pixels whatever its direction, and mirrored shapes give mirrored pixels.

mod capsule;
mod ellipse;
mod flood;
mod painter;
mod polygon;

pub(crate) use capsule::{Capsule, Disc};
pub(crate) use ellipse::ellipse;
pub(crate) use flood::flood;
pub(crate) use painter::Painter;
pub(crate) use polygon::polygon;

use crate::Point;
use crate::map::MAX_SIDE;

/// Subdivisions of a pixel.
const UNIT: i64 = 8;

/// A coordinate in eighths of a pixel, no farther from the map than its longest side, so that products fit in 64 bits.
fn fixed(coordinate: f64) -> i64 {
    let side = f64::from(MAX_SIDE);
    (coordinate.clamp(-side, 2.0 * side) * UNIT as f64).round() as i64
}

fn fixed_point(point: Point) -> (i64, i64) {
    (fixed(point.x), fixed(point.y))
}

/// The centre of pixel column or row `at`.
fn center(at: i64) -> i64 {
    at * UNIT + UNIT / 2
}

/// The first column or row whose centre is at `numerator / denominator` or beyond; the denominator is positive.
fn first_center(numerator: i64, denominator: i64) -> i64 {
    let (numerator, denominator) = (numerator - UNIT / 2 * denominator, UNIT * denominator);
    -(-numerator).div_euclid(denominator)
}

/// The pixels of a row that are in a convex shape, as `start..end` within `0..width`.
///
/// `guess` is the row's part of the shape in eighths, accurate to a pixel; `inside` decides.
fn convex_row(guess: (f64, f64), width: u32, inside: impl Fn(i64) -> bool) -> Option<(u32, u32)> {
    let pixel = |at: f64| (at / UNIT as f64).floor() as i64;
    let mut start = (pixel(guess.0) - 1).max(0);
    let mut end = (pixel(guess.1) + 2).min(i64::from(width));
    while start < end && !inside(start) {
        start += 1;
    }
    while start < end && !inside(end - 1) {
        end -= 1;
    }
    (start < end).then_some((start as u32, end as u32))
}
