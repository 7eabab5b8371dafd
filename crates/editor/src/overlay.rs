//! What is drawn over the map while a tool is at work.

use crate::Point;

/// A shape to draw over the map, in thin lines that show on any colour. Points are in map coordinates;
/// [`crate::Viewport::to_view`] converts them.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The brush's tip.
    Circle {
        /// Its middle.
        center: Point,
        /// Its radius in map pixels.
        radius: f64,
    },
    /// A rectangle that is being drawn.
    Rectangle {
        /// Its top left corner.
        from: Point,
        /// Its bottom right corner.
        to: Point,
    },
    /// An ellipse that is being drawn.
    Ellipse {
        /// The top left corner of the rectangle around it.
        from: Point,
        /// The bottom right corner.
        to: Point,
    },
    /// The line of a lasso.
    Line(Vec<Point>),
    /// A point to click: the lasso's first.
    Handle(Point),
    /// Where the arrow keys have led.
    Cross(Point),
}
