//! Rectangles and ellipses.

use crate::map::IndexMap;
use crate::overlay::Shape;
use crate::raster::{Painter, ellipse};
use crate::{Modifiers, Point, Rect, RegionId};

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Rectangle,
    Ellipse,
}

/// A shape that is being dragged.
#[derive(Debug)]
pub(crate) struct ShapeDrag {
    pub form: Form,
    pub start: Point,
    pub end: Point,
    pub modifiers: Modifiers,
}

impl ShapeDrag {
    /// The top left and bottom right corner in whole pixels.
    fn corners(&self) -> [(i64, i64); 2] {
        let (mut right, mut down) = (self.end.x - self.start.x, self.end.y - self.start.y);
        if self.modifiers.shift {
            let side = right.abs().max(down.abs());
            (right, down) = (side.copysign(right), side.copysign(down));
        }
        let opposite = if self.modifiers.alt { -1.0 } else { 0.0 };
        let side = |start: f64, way: f64| {
            let (a, b) = (whole(start + opposite * way), whole(start + way));
            (a.min(b), a.max(b))
        };
        let ((left, right), (top, bottom)) = (side(self.start.x, right), side(self.start.y, down));
        [(left, top), (right, bottom)]
    }

    /// Fills the shape.
    pub(crate) fn paint(&self, map: &mut IndexMap, region: RegionId, locked: u32) -> Rect {
        let [(left, top), (right, bottom)] = self.corners();
        let mut painter = Painter::new(map, region, locked);
        match self.form {
            Form::Rectangle => {
                for y in top.max(0)..bottom.min(i64::from(painter.height())) {
                    painter.clipped(y, left, right);
                }
            }
            Form::Ellipse => ellipse(&mut painter, (left, right), (top, bottom)),
        }
        painter.dirty()
    }

    pub(crate) fn outline(&self) -> Shape {
        let [from, to] = self.corners().map(|(x, y)| Point::new(x as f64, y as f64));
        match self.form {
            Form::Rectangle => Shape::Rectangle { from, to },
            Form::Ellipse => Shape::Ellipse { from, to },
        }
    }
}

/// The nearest pixel boundary, clamped so that integers are exact.
fn whole(at: f64) -> i64 {
    let side = f64::from(crate::map::MAX_SIDE);
    at.clamp(-side, 2.0 * side).round() as i64
}
