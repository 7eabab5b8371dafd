//! What is drawn over the map while a tool is at work.

use crate::Point;

/// A line to be drawn over the map, thin and well visible on any colour. Points are in map coordinates;
/// [`crate::Viewport::to_view`] brings them to the view.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The brush.
    Circle {
        /// Its middle.
        center: Point,
        /// Its radius in pixels of the map.
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
    /// A lasso.
    Line(Vec<Point>),
    /// A place that can be hit: the lasso's first point.
    Handle(Point),
    /// Where the keyboard's arrows have led.
    Cross(Point),
}
