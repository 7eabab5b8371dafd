//! Keys: shortcuts, and drawing without a pointer.

use super::Editor;
use super::gesture::{Gesture, Owner, Touchpoint};
use crate::keymap::{Action, action};
use crate::{Key, Modifiers, Plan, Point, RegionEdit, RegionId, View};

/// How far a key moves the view, in CSS pixels.
const SCROLL: f64 = 64.0;

/// How far an arrow key moves the drawing point, in map pixels.
const STRIDE: f64 = 10.0;

/// The factor by which a key changes the brush size.
const BRUSH_STEP: f64 = 1.2;

impl Editor {
    pub(super) fn key_down(&mut self, key: &Key, plan: &mut Plan) {
        self.hold(key.modifiers, plan);
        let Some(action) = action(&key.name, key.modifiers.command, key.modifiers.shift) else { return };
        plan.handled = true;
        match action {
            Action::Take(tool) => self.take(tool, plan),
            Action::Undo => self.undo(plan),
            Action::Redo => self.redo(plan),
            Action::Thinner => self.resize_brush((self.brush_size / BRUSH_STEP).floor(), plan),
            Action::Thicker => self.resize_brush((self.brush_size * BRUSH_STEP).ceil(), plan),
            Action::ZoomIn => self.change_view(View::IN, plan),
            Action::ZoomOut => self.change_view(View::OUT, plan),
            Action::Fit => self.change_view(View::Fit, plan),
            Action::Add => {
                self.finish(plan);
                self.edit_region(RegionEdit::Add, plan);
            }
            Action::Clear => {
                self.finish(plan);
                self.edit_region(RegionEdit::Clear(self.selected), plan);
            }
            Action::Previous => self.select_beside(-1, plan),
            Action::Next => self.select_beside(1, plan),
            Action::Digit => {
                let digit = key.name.parse().ok().and_then(RegionId::new);
                digit.into_iter().for_each(|region| self.select(region, plan));
            }
            Action::Pan => plan.overlay |= !std::mem::replace(&mut self.space, true),
            Action::Press => self.key_press(key.modifiers, plan),
            Action::Arrow => self.arrow(&key.name, key.modifiers, plan),
            Action::Scroll => {
                // The view moves where the arrow points, so the map moves the other way.
                let by = direction(&key.name, -SCROLL);
                self.change_view(View::Pan(by), plan);
            }
            Action::StepBack => plan.handled = self.step_back(plan),
            Action::Cancel => {
                plan.handled = self.is_busy();
                self.cancel(plan);
            }
            Action::None => plan.handled = false,
        }
        let does_nothing = matches!(action, Action::Undo | Action::Redo) && !(plan.document || plan.overlay);
        if plan.handled && !does_nothing && plan.notice.is_none() {
            plan.said = self.words_for(action);
        }
    }

    /// Describes what a key has done.
    fn words_for(&self, action: Action) -> Option<String> {
        let percent = |at: f64, of: u32| (100.0 * at / f64::from(of)) as u32;
        let place = || {
            let (at, map) = (self.drawing_point(), self.document.map());
            format!("{} % across, {} % down", percent(at.x, map.width()), percent(at.y, map.height()))
        };
        Some(match action {
            Action::Take(tool) => tool.name().to_owned(),
            Action::Undo => "Undone".to_owned(),
            Action::Redo => "Redone".to_owned(),
            Action::Thinner | Action::Thicker => format!("Brush size {}", self.brush_size as u32),
            Action::Add | Action::Previous | Action::Next | Action::Digit => {
                self.document.region(self.selected)?.called()
            }
            Action::Clear => format!("{} cleared", self.document.region(self.selected)?.called()),
            Action::Press if self.owner.is_some() => format!("Pressed at {}", place()),
            Action::Press if self.is_waiting() => format!("Corner at {}", place()),
            Action::Press => format!("Done at {}", place()),
            Action::Arrow => place(),
            Action::StepBack | Action::Cancel => "Taken back".to_owned(),
            // Changes of the view mean nothing to users who do not see it.
            Action::ZoomIn | Action::ZoomOut | Action::Fit | Action::Pan | Action::Scroll | Action::None => {
                return None;
            }
        })
    }

    pub(super) fn key_up(&mut self, key: &Key, plan: &mut Plan) {
        self.hold(key.modifiers, plan);
        if key.name == " " {
            plan.handled = true;
            plan.overlay |= std::mem::take(&mut self.space);
        }
    }

    /// Lets a shape follow the modifiers even while the pointer rests.
    fn hold(&mut self, modifiers: Modifiers, plan: &mut Plan) {
        if let Gesture::Shape(shape) = &mut self.gesture
            && shape.modifiers != modifiers
            && self.owner != Some(Owner::Keyboard)
        {
            shape.modifiers = modifiers;
            plan.overlay = true;
        }
    }

    /// Presses the tool at the drawing point, or releases it there.
    fn key_press(&mut self, modifiers: Modifiers, plan: &mut Plan) {
        let at = self.drawing_point();
        match self.owner {
            // A polygon begun with the mouse.
            None if self.cross.is_none() && self.is_waiting() => self.finish(plan),
            None => {
                self.cross = Some(at);
                self.press(self.tool, Touchpoint { at, width: 1.0, modifiers }, Owner::Keyboard, plan);
                // The corners of a polygon are clicks.
                if matches!(self.gesture, Gesture::Lasso(_)) && self.owner == Some(Owner::Keyboard) {
                    self.release(at, plan);
                }
            }
            Some(Owner::Keyboard) => self.release(at, plan),
            Some(_) => {}
        }
    }

    fn arrow(&mut self, name: &str, modifiers: Modifiers, plan: &mut Plan) {
        let stride = if modifiers.shift { 1.0 } else { STRIDE };
        let (at, by) = (self.drawing_point(), direction(name, stride));
        let side = |at: f64, length: u32| at.clamp(0.0, f64::from(length) - 0.5);
        let map = self.document.map();
        let to = Point::new(side(at.x + by.x, map.width()), side(at.y + by.y, map.height()));
        self.cross = Some(to);
        self.hover = None;
        plan.overlay = true;
        self.look(self.viewport.showing(to, &self.document.map), plan);
        if self.owner == Some(Owner::Keyboard) {
            // Shift means small steps here, not squares.
            let modifiers = Modifiers { shift: false, ..modifiers };
            self.drag(Touchpoint { at: to, width: 1.0, modifiers }, plan);
        } else if let Gesture::Lasso(lasso) = &mut self.gesture {
            lasso.hover(to);
        }
    }

    /// Where the arrow keys have led, or else the pixel centre under the pointer or in the map's middle.
    pub(super) fn drawing_point(&self) -> Point {
        let map = self.document.map();
        let middle = Point::new(f64::from(map.width()) / 2.0, f64::from(map.height()) / 2.0);
        let start = self.hover.unwrap_or(middle);
        self.cross.unwrap_or(Point::new(start.x.floor() + 0.5, start.y.floor() + 0.5))
    }

    fn select_beside(&mut self, by: isize, plan: &mut Plan) {
        let sheet = &self.document.sheet;
        let at = sheet.position(self.selected).and_then(|at| at.checked_add_signed(by));
        let region = at.and_then(|at| sheet.regions.get(at)).map(|region| region.id);
        region.into_iter().for_each(|region| self.select(region, plan));
    }
}

/// A step of `length` in the direction of an arrow key.
fn direction(name: &str, length: f64) -> Point {
    match name.to_ascii_lowercase().as_str() {
        "arrowleft" => Point::new(-length, 0.0),
        "arrowright" => Point::new(length, 0.0),
        "arrowup" => Point::new(0.0, -length),
        _ => Point::new(0.0, length),
    }
}
