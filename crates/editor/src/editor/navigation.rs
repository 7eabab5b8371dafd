//! Zooming and panning.

use super::Editor;
use crate::{Modifiers, Plan, Point, View, Viewport};

/// How much one CSS pixel of the wheel magnifies, as a natural logarithm: a notch (100) gives 1.16.
const WHEEL: f64 = 0.0015;

/// The same for pinches on a touchpad, which have small deltas.
const PINCH: f64 = 0.01;

/// How pointers move the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Navigation {
    /// A pointer drags the map; `last` is where it was, in view coordinates.
    Pan { id: i32, last: Point },
    /// The first two fingers zoom and pan.
    Pinch,
    /// Fingers left over from a pinch do nothing until all are lifted.
    Spent,
}

impl Editor {
    pub(super) fn wheel(&mut self, at: Point, delta: Point, modifiers: Modifiers, plan: &mut Plan) {
        plan.handled = true;
        if !(at.is_finite() && delta.is_finite()) {
            return;
        }
        let map = &self.document.map;
        let view = if modifiers.shift {
            // Most browsers turn the wheel sideways themselves while Shift is held.
            self.viewport.panned(-(delta.x + delta.y), 0.0, map)
        } else {
            let rate = if modifiers.command { PINCH } else { WHEEL };
            let factor = (-rate * delta.y).clamp(-2.0, 2.0).exp();
            self.viewport.zoomed(factor, at, map).panned(-delta.x, 0.0, map)
        };
        self.look(view, plan);
    }

    pub(super) fn change_view(&mut self, view: View, plan: &mut Plan) {
        let map = &self.document.map;
        let view = match view {
            View::Resized { width, height } => self.viewport.resized(width, height, map),
            View::Fit => self.viewport.fit(map),
            View::Zoom(factor) if factor.is_finite() && factor > 0.0 => {
                self.viewport.zoomed(factor, self.viewport.middle(), map)
            }
            View::Zoom(_) => return,
            View::Pan(by) => self.viewport.panned(by.x, by.y, map),
        };
        self.look(view, plan);
    }

    pub(super) fn pan(&mut self, from: Point, to: Point, plan: &mut Plan) {
        let view = self.viewport.panned(to.x - from.x, to.y - from.y, &self.document.map);
        self.look(view, plan);
    }

    pub(super) fn pinch(&mut self, from: [Point; 2], to: [Point; 2], plan: &mut Plan) {
        let view = self.viewport.pinched(from, to, &self.document.map);
        self.look(view, plan);
    }

    pub(super) fn look(&mut self, view: Viewport, plan: &mut Plan) {
        if view != self.viewport {
            self.viewport = view;
            plan.view = true;
            plan.overlay = true;
        }
    }
}
