//! Gestures with a tool, in map coordinates, from any input device.

use super::Editor;
use crate::map::IndexMap;
use crate::patch::Patch;
use crate::raster::{Disc, flood};
use crate::tool::{Form, Lasso, Mover, Release, ShapeDrag, Stroke};
use crate::{Modifiers, Notice, Plan, Point, Rect, RegionId, Tool};

/// Distance in CSS pixels within which two places count as one.
const REACH: f64 = 8.0;

/// A gesture that has begun and is not yet a step of the history.
#[derive(Debug)]
pub(super) enum Gesture {
    Idle,
    /// Painted as it goes; `before` is the map without it.
    Stroke {
        stroke: Stroke,
        before: IndexMap,
        dirty: Rect,
    },
    Shape(ShapeDrag),
    Lasso(Lasso),
    /// Moved as it goes; `before` is the map without it.
    Move {
        mover: Mover,
        before: IndexMap,
        dirty: Rect,
    },
}

/// Who presses the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Pointer(i32),
    Touch(i32),
    Keyboard,
}

/// A pressed tool at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touchpoint {
    /// Where on the map.
    pub at: Point,
    /// Fraction of the brush's width, from a pen's pressure.
    pub width: f64,
    /// The modifier keys held.
    pub modifiers: Modifiers,
}

impl Editor {
    pub(super) fn press(&mut self, tool: Tool, touch: Touchpoint, owner: Owner, plan: &mut Plan) {
        plan.overlay = true;
        if let Gesture::Lasso(lasso) = &mut self.gesture {
            lasso.press(touch.at, REACH / self.viewport.scale);
            self.owner = Some(owner);
            return;
        }
        let tool = match tool {
            Tool::Brush | Tool::Eraser | Tool::Fill if touch.modifiers.alt => Tool::Eyedropper,
            tool => tool,
        };
        let gesture = match tool {
            Tool::Hand => None,
            Tool::Eyedropper => {
                if let Some(region) = self.region_at(touch.at) {
                    self.select(region, plan);
                }
                None
            }
            Tool::Move => self.begin_move(touch.at, plan),
            Tool::Fill => {
                self.fill(touch.at, plan);
                None
            }
            Tool::Brush => self.begin(self.selected, tool, touch, plan),
            Tool::Eraser => self.begin(RegionId::BACKGROUND, tool, touch, plan),
            _ => self.begin(self.selected, tool, touch, plan),
        };
        if let Some(gesture) = gesture {
            self.gesture = gesture;
            self.owner = Some(owner);
            self.drag(touch, plan);
        }
    }

    pub(super) fn drag(&mut self, touch: Touchpoint, plan: &mut Plan) {
        let map = &mut self.document.map;
        match &mut self.gesture {
            Gesture::Idle => return,
            Gesture::Stroke { stroke, dirty, .. } => {
                let disc = Disc::new(touch.at, self.brush_size / 2.0 * touch.width);
                let painted = stroke.extend(map, disc);
                *dirty = dirty.union(&painted);
                plan.paint(painted);
            }
            Gesture::Shape(shape) => (shape.end, shape.modifiers) = (touch.at, touch.modifiers),
            Gesture::Lasso(lasso) => lasso.drag(touch.at),
            Gesture::Move { mover, dirty, .. } => {
                let painted = mover.drag(map, touch.at);
                *dirty = dirty.union(&painted);
                plan.paint(painted);
            }
        }
        plan.overlay = true;
    }

    pub(super) fn release(&mut self, at: Point, plan: &mut Plan) {
        self.owner = None;
        plan.overlay = true;
        if let Gesture::Lasso(lasso) = &mut self.gesture
            && let Release::GoesOn = lasso.release(at)
        {
            return;
        }
        self.finish(plan);
    }

    /// Makes a step of the gesture, as it is; a polygon is closed.
    pub(super) fn finish(&mut self, plan: &mut Plan) {
        self.owner = None;
        match std::mem::replace(&mut self.gesture, Gesture::Idle) {
            Gesture::Idle => return,
            Gesture::Stroke { before, dirty, .. } | Gesture::Move { before, dirty, .. } => {
                self.record(&before, dirty, plan);
            }
            Gesture::Shape(shape) => {
                self.paint(plan, |map, region, locked| shape.paint(map, region, locked));
            }
            Gesture::Lasso(lasso) => {
                self.paint(plan, |map, region, locked| lasso.paint(map, region, locked));
            }
        }
        plan.overlay = true;
    }

    /// Removes the last corner of an open polygon; returns whether there was one.
    pub(super) fn step_back(&mut self, plan: &mut Plan) -> bool {
        let waiting = self.is_waiting();
        if let Gesture::Lasso(lasso) = &mut self.gesture
            && waiting
        {
            plan.overlay = true;
            if !lasso.step_back() {
                self.gesture = Gesture::Idle;
            }
        }
        waiting
    }

    /// Takes back what the current press did; earlier corners stay.
    pub(super) fn unpress(&mut self, plan: &mut Plan) {
        if self.owner.take().is_none() {
            return;
        }
        plan.overlay = true;
        let goes_on = if let Gesture::Lasso(lasso) = &mut self.gesture { lasso.unpress() } else { false };
        if !goes_on {
            self.cancel(plan);
        }
    }

    /// Cancels the gesture.
    pub(super) fn cancel(&mut self, plan: &mut Plan) {
        self.owner = None;
        match std::mem::replace(&mut self.gesture, Gesture::Idle) {
            Gesture::Idle => return,
            Gesture::Stroke { before, dirty, .. } | Gesture::Move { before, dirty, .. } => {
                self.document.map.restore(&dirty, &before);
                plan.paint(dirty);
            }
            Gesture::Shape(_) | Gesture::Lasso(_) => {}
        }
        plan.overlay = true;
    }

    /// Whether a gesture has begun.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.gesture, Gesture::Idle)
    }

    /// Whether a polygon waits for its next corner.
    pub(super) fn is_waiting(&self) -> bool {
        self.owner.is_none() && matches!(self.gesture, Gesture::Lasso(_))
    }

    /// The region at a point of the map.
    pub(super) fn region_at(&self, at: Point) -> Option<RegionId> {
        let (x, y) = pixel(at)?;
        self.document.map.at(x, y)
    }

    /// Whether a region may lose and gain pixels; if not, tells the user.
    pub(super) fn may_change(&self, region: RegionId, plan: &mut Plan) -> bool {
        let locked = self.document.sheet.locked() & region.bit() != 0;
        if locked {
            let number = region.number();
            plan.notice = Some(if number == 0 { Notice::BackgroundLocked } else { Notice::Locked(number) });
        }
        !locked
    }

    fn begin(&self, region: RegionId, tool: Tool, touch: Touchpoint, plan: &mut Plan) -> Option<Gesture> {
        if !self.may_change(region, plan) {
            return None;
        }
        let Touchpoint { at, modifiers, .. } = touch;
        let shape = |form| Gesture::Shape(ShapeDrag { form, start: at, end: at, modifiers });
        Some(match tool {
            Tool::Rectangle => shape(Form::Rectangle),
            Tool::Ellipse => shape(Form::Ellipse),
            Tool::Lasso => Gesture::Lasso(Lasso::new(at, REACH / self.viewport.scale)),
            _ => Gesture::Stroke {
                stroke: Stroke::new(region, self.document.sheet.locked()),
                before: self.document.map.clone(),
                dirty: Rect::default(),
            },
        })
    }

    fn begin_move(&mut self, at: Point, plan: &mut Plan) -> Option<Gesture> {
        let region = self.region_at(at).filter(|region| *region != RegionId::BACKGROUND)?;
        self.select(region, plan);
        let free = self.may_change(region, plan) && self.may_change(RegionId::BACKGROUND, plan);
        let map = &self.document.map;
        free.then(|| Gesture::Move {
            mover: Mover::new(region, self.document.sheet.locked(), at, map),
            before: map.clone(),
            dirty: Rect::default(),
        })
    }

    fn fill(&mut self, at: Point, plan: &mut Plan) {
        let (Some(seed), Some(target)) = (pixel(at), self.region_at(at)) else { return };
        if self.may_change(self.selected, plan) && self.may_change(target, plan) {
            self.paint(plan, |map, region, _| flood(map, seed, region));
        }
    }

    /// Paints the selected region in one step, unless it is locked.
    fn paint(&mut self, plan: &mut Plan, paint: impl FnOnce(&mut IndexMap, RegionId, u32) -> Rect) {
        if !self.may_change(self.selected, plan) {
            return;
        }
        let before = self.document.map.clone();
        let dirty = paint(&mut self.document.map, self.selected, self.document.sheet.locked());
        plan.paint(dirty);
        self.record(&before, dirty, plan);
    }

    /// Makes a step of the difference from `before`, all of it within `dirty`.
    fn record(&mut self, before: &IndexMap, dirty: Rect, plan: &mut Plan) {
        let patch = Patch::between(before, &self.document.map, dirty);
        plan.document |= patch.is_some();
        self.history.push(patch, None, &self.document);
    }
}

/// The pixel that contains a point, if its coordinates can be those of a pixel.
fn pixel(at: Point) -> Option<(u32, u32)> {
    let possible = |at: f64| (0.0..f64::from(u32::MAX)).contains(&at);
    (possible(at.x) && possible(at.y)).then_some((at.x as u32, at.y as u32))
}
