//! Ellipses.

use super::{Painter, UNIT, convex_row};

/// Paints the ellipse inscribed in `left..right` times `top..bottom`, whole pixels.
pub(crate) fn ellipse(painter: &mut Painter<'_>, (left, right): (i64, i64), (top, bottom): (i64, i64)) {
    let (width, height) = (right - left, bottom - top);
    if width <= 0 || height <= 0 {
        return;
    }
    for y in top.max(0)..bottom.min(i64::from(painter.height())) {
        // From the centre, in half pixels: no rounding in (x / width)^2 + (y / height)^2 <= 1.
        let down = 2 * y + 1 - top - bottom;
        let inside = |x: i64| {
            let across = 2 * x + 1 - left - right;
            (across * height).pow(2) + (down * width).pow(2) <= (width * height).pow(2)
        };
        let half = (1.0 - (down as f64 / height as f64).powi(2)).sqrt() * width as f64 / 2.0;
        let middle = (left + right) as f64 / 2.0;
        let guess = ((middle - half) * UNIT as f64, (middle + half) * UNIT as f64);
        if let Some((x0, x1)) = convex_row(guess, painter.width(), inside) {
            painter.span(y as u32, x0, x1);
        }
    }
}
