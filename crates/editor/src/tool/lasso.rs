//! The lasso: freehand and polygon in one.

use crate::map::IndexMap;
use crate::overlay::Shape;
use crate::raster::{Painter, polygon};
use crate::{Point, Rect, RegionId};

/// The most points of a line; further ones replace the last.
const MAX_POINTS: usize = 20_000;

/// A line that is being drawn around something.
///
/// Pressed and dragged, it is drawn freehand and closes when released. Clicked, it is a polygon: each click
/// sets a corner; a click on the first corner, a double click or Enter closes it.
#[derive(Debug)]
pub(crate) struct Lasso {
    points: Vec<Point>,
    /// How many points there were when the pointer was pressed.
    pressed_at: usize,
    /// Where the pointer is while it is not pressed.
    hover: Option<Point>,
    /// Distance in map pixels within which two places count as one.
    reach: f64,
}

/// What a release means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    GoesOn,
    Closed,
}

impl Lasso {
    /// The first press; `reach` is the distance within which two places count as one.
    pub(crate) fn new(at: Point, reach: f64) -> Self {
        Self { points: vec![at], pressed_at: 0, hover: None, reach }
    }

    /// A further press.
    pub(crate) fn press(&mut self, at: Point, reach: f64) {
        (self.hover, self.reach, self.pressed_at) = (None, reach, self.points.len());
        self.add(at);
    }

    /// A drag while pressed.
    pub(crate) fn drag(&mut self, to: Point) {
        let near = self.points.last().is_some_and(|last| last.distance(to) < self.reach / 8.0);
        if !near {
            self.add(to);
        }
    }

    /// A move while not pressed.
    pub(crate) fn hover(&mut self, at: Point) {
        self.hover = Some(at);
    }

    /// A release: a drag closes the line, unless corners were clicked before; otherwise it closes only where
    /// it meets the first or the last corner.
    pub(crate) fn release(&mut self, at: Point) -> Release {
        let Some(&pressed) = self.points.get(self.pressed_at) else { return Release::GoesOn };
        let is_far = |point: &Point| point.distance(pressed) >= self.reach;
        let dragged = is_far(&at) || self.points[self.pressed_at..].iter().any(is_far);
        if self.pressed_at == 0 {
            if dragged {
                return Release::Closed;
            }
            self.points.truncate(1);
        } else if !dragged {
            self.points.truncate(self.pressed_at + 1);
        }
        let meets = |corner: Option<&Point>| corner.is_some_and(|corner| corner.distance(at) < self.reach);
        let earlier = &self.points[..self.pressed_at];
        if meets(earlier.first()) || meets(earlier.last()) { Release::Closed } else { Release::GoesOn }
    }

    /// Takes back what was drawn since the last press; returns whether anything is left.
    pub(crate) fn unpress(&mut self) -> bool {
        self.points.truncate(self.pressed_at);
        !self.points.is_empty()
    }

    /// Removes the last corner; returns whether any is left.
    pub(crate) fn step_back(&mut self) -> bool {
        self.points.pop();
        self.pressed_at = self.points.len();
        !self.points.is_empty()
    }

    /// Fills the enclosed area.
    pub(crate) fn paint(&self, map: &mut IndexMap, region: RegionId, locked: u32) -> Rect {
        let mut painter = Painter::new(map, region, locked);
        polygon(&mut painter, &self.points);
        painter.dirty()
    }

    pub(crate) fn outline(&self) -> Vec<Shape> {
        let line = self.points.iter().copied().chain(self.hover).collect();
        let first = self.points.first().map(|first| Shape::Handle(*first));
        [Shape::Line(line)].into_iter().chain(first).collect()
    }

    fn add(&mut self, at: Point) {
        self.points.truncate(MAX_POINTS - 1);
        self.points.push(at);
    }
}
