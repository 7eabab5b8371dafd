//! Mouse, pen and fingers.

use super::Editor;
use super::gesture::{Gesture, Owner, Touchpoint};
use super::navigation::Navigation;
use crate::{Button, Notice, Plan, Point, Pointer, PointerKind, Sample, Tool};

/// The least fraction of the brush's width, for the lightest pen pressure.
const LIGHTEST: f64 = 0.1;

impl Editor {
    pub(super) fn pointer_down(&mut self, pointer: &Pointer, plan: &mut Plan) {
        let Some(last) = samples(pointer).next_back() else { return };
        match pointer.kind {
            PointerKind::Touch => self.touch_down(pointer, last, plan),
            PointerKind::Pen | PointerKind::Mouse => {
                if self.owner == Some(Owner::Pointer(pointer.id)) {
                    // Its release was missed.
                    self.unpress(plan);
                }
                self.has_pen |= pointer.kind == PointerKind::Pen;
                if pointer.kind == PointerKind::Pen && !self.touches.is_empty() {
                    // The hand that rests beside the pen touched first.
                    self.unpress(plan);
                    self.touches.clear();
                    self.navigation = None;
                }
                self.hover_at(pointer, last);
                self.begin_pointer(pointer, Owner::Pointer(pointer.id), last, plan);
            }
        }
    }

    pub(super) fn pointer_moved(&mut self, pointer: &Pointer, plan: &mut Plan) {
        let Some(last) = samples(pointer).next_back() else { return };
        let owner = if pointer.kind == PointerKind::Touch {
            self.touch_moved(pointer.id, last.at, plan);
            Owner::Touch(pointer.id)
        } else {
            self.hover_at(pointer, last);
            plan.overlay = true;
            Owner::Pointer(pointer.id)
        };
        if let Some(Navigation::Pan { id, last: from }) = self.navigation {
            if id == pointer.id {
                self.navigation = Some(Navigation::Pan { id, last: last.at });
                self.pan(from, last.at, plan);
            }
        } else if self.owner == Some(owner) {
            for sample in samples(pointer) {
                self.drag(self.touchpoint(pointer, sample), plan);
            }
        } else if let Gesture::Lasso(lasso) = &mut self.gesture
            && self.owner.is_none()
            && pointer.kind != PointerKind::Touch
        {
            lasso.hover(self.viewport.to_map(last.at));
        }
    }

    pub(super) fn pointer_up(&mut self, pointer: &Pointer, plan: &mut Plan) {
        let owner = self.let_go(pointer.kind == PointerKind::Touch, pointer.id, plan);
        if self.owner != Some(owner) {
            return;
        }
        let Some(last) = samples(pointer).next_back() else {
            self.unpress(plan);
            return;
        };
        let touch = self.touchpoint(pointer, last);
        // A pen's pressure is gone by now; its last move was where it was lifted.
        if pointer.kind != PointerKind::Pen || !matches!(self.gesture, Gesture::Stroke { .. }) {
            self.drag(touch, plan);
        }
        self.release(touch.at, plan);
    }

    pub(super) fn pointer_cancelled(&mut self, id: i32, plan: &mut Plan) {
        for touch in [false, true] {
            let owner = self.let_go(touch, id, plan);
            if self.owner == Some(owner) {
                self.unpress(plan);
            }
        }
    }

    fn touch_down(&mut self, pointer: &Pointer, last: Sample, plan: &mut Plan) {
        let drawing = matches!(self.owner, Some(Owner::Pointer(_) | Owner::Keyboard));
        if drawing || (self.touches.is_empty() && matches!(self.navigation, Some(Navigation::Pan { .. }))) {
            return;
        }
        match self.touches.iter_mut().find(|(id, _)| *id == pointer.id) {
            Some(known) => known.1 = last.at,
            None => self.touches.push((pointer.id, last.at)),
        }
        match self.touches.len() {
            1 if self.navigation.is_none() => {
                if self.owner.is_some() {
                    self.unpress(plan);
                }
                self.begin_pointer(pointer, Owner::Touch(pointer.id), last, plan);
            }
            2 if self.navigation != Some(Navigation::Spent) => {
                self.unpress(plan);
                self.navigation = Some(Navigation::Pinch);
            }
            _ => {}
        }
    }

    /// Tracks a finger, and pinches the view if there are two.
    fn touch_moved(&mut self, id: i32, to: Point, plan: &mut Plan) {
        let pair = |touches: &[(i32, Point)]| match touches {
            [a, b, ..] => Some([a.1, b.1]),
            _ => None,
        };
        let before = pair(&self.touches);
        if let Some(touch) = self.touches.iter_mut().find(|touch| touch.0 == id) {
            touch.1 = to;
        }
        if let (Some(Navigation::Pinch), Some(from), Some(to)) =
            (self.navigation, before, pair(&self.touches))
            && from != to
        {
            self.pinch(from, to, plan);
        }
    }

    /// Lets a pointer move the view or press the tool.
    fn begin_pointer(&mut self, pointer: &Pointer, owner: Owner, last: Sample, plan: &mut Plan) {
        if self.owner == Some(Owner::Keyboard) {
            // Using a pointer ends drawing by keyboard.
            self.release(self.drawing_point(), plan);
            self.cross = None;
        }
        let pans = self.space || self.tool == Tool::Hand;
        let may_be_palm = self.has_pen && !pans && matches!(owner, Owner::Touch(_));
        if may_be_palm && !self.knows_pen {
            self.knows_pen = true;
            plan.notice = Some(Notice::Pen);
        }
        if self.owner.is_some() || self.navigation.is_some() || may_be_palm {
            return;
        }
        let tool = match pointer.button {
            Button::Primary if !pans => self.tool,
            Button::Eraser if !pans => Tool::Eraser,
            Button::Secondary => return,
            _ => {
                self.navigation = Some(Navigation::Pan { id: pointer.id, last: last.at });
                plan.overlay = true;
                return;
            }
        };
        self.press(tool, self.touchpoint(pointer, last), owner, plan);
    }

    /// Ends what a pointer does to the view, and returns the owner that it would be.
    fn let_go(&mut self, touch: bool, id: i32, plan: &mut Plan) -> Owner {
        if touch {
            self.touches.retain(|touch| touch.0 != id);
        }
        let left = !self.touches.is_empty();
        self.navigation = match self.navigation {
            Some(Navigation::Pan { id: panning, .. }) if panning == id => {
                plan.overlay = true;
                None
            }
            Some(Navigation::Pinch) if self.touches.len() < 2 => left.then_some(Navigation::Spent),
            Some(Navigation::Spent) if !left => None,
            navigation => navigation,
        };
        if touch { Owner::Touch(id) } else { Owner::Pointer(id) }
    }

    fn hover_at(&mut self, pointer: &Pointer, last: Sample) {
        debug_assert!(pointer.kind != PointerKind::Touch);
        self.hover = Some(self.viewport.to_map(last.at));
        if self.owner != Some(Owner::Keyboard) {
            self.cross = None;
        }
    }

    fn touchpoint(&self, pointer: &Pointer, sample: Sample) -> Touchpoint {
        let width = match pointer.kind {
            PointerKind::Pen if sample.pressure.is_finite() => {
                f64::from(sample.pressure).clamp(LIGHTEST, 1.0)
            }
            _ => 1.0,
        };
        Touchpoint { at: self.viewport.to_map(sample.at), width, modifiers: pointer.modifiers }
    }
}

/// The samples with finite coordinates.
fn samples(pointer: &Pointer) -> impl DoubleEndedIterator<Item = Sample> {
    pointer.samples.iter().copied().filter(|sample| sample.at.is_finite())
}
