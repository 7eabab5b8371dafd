//! Changes to regions.

use std::sync::Arc;

use request::limits;

use super::Editor;
use crate::history::Field;
use crate::map::IndexMap;
use crate::palette::look;
use crate::parameters::rounded;
use crate::{Notice, Plan, Rect, RegionEdit, RegionId};

impl Editor {
    pub(super) fn edit_region(&mut self, edit: RegionEdit, plan: &mut Plan) {
        match edit {
            RegionEdit::Add => self.add_region(plan),
            RegionEdit::Remove(id) => self.remove_region(id, plan),
            RegionEdit::Merge { from, into } => self.merge(from, into, plan),
            RegionEdit::Clear(id) => self.clear(id, plan),
            RegionEdit::Invert(id) => self.invert(id, plan),
            RegionEdit::Lock(id, locked) => self.set(id, None, plan, |region| region.locked = locked),
            RegionEdit::Recolor(id, color) => {
                self.set(id, Some(Field::Color(id)), plan, |region| region.color = color);
            }
            RegionEdit::PaletteColors => self.describe(None, plan, |sheet| {
                for region in sheet.regions.iter_mut().filter(|it| (it.color, it.hatch) != look(it.id)) {
                    let region = Arc::make_mut(region);
                    (region.color, region.hatch) = look(region.id);
                }
            }),
            RegionEdit::Reorder { id, to } => self.describe(None, plan, |sheet| {
                let Some(at) = sheet.position(id).filter(|at| *at > 0) else { return };
                let region = sheet.regions.remove(at);
                sheet.regions.insert(to.clamp(1, sheet.regions.len()), region);
            }),
            RegionEdit::Text(id, text) => {
                let text = self.checked(text, plan);
                self.set(id, Some(Field::Text(id)), plan, |region| region.text = text);
            }
            RegionEdit::Weight(id, weight) if !weight.is_nan() => {
                let weight = rounded(weight.clamp(*limits::WEIGHT.start(), *limits::WEIGHT.end()));
                self.set(id, Some(Field::Weight(id)), plan, |region| region.weight = weight);
            }
            RegionEdit::Window { id, start, end } if !(start.is_nan() || end.is_nan()) => {
                let end = rounded(end.clamp(0.0, 1.0));
                let start = rounded(start.clamp(0.0, end));
                self.set(id, Some(Field::Window(id)), plan, |region| {
                    (region.start, region.end) = (start, end);
                });
            }
            RegionEdit::Weight(..) | RegionEdit::Window { .. } => {}
            RegionEdit::Occurrence(id, occurrence) => {
                self.set(id, None, plan, |region| region.occurrence = Some(occurrence));
            }
        }
    }

    fn add_region(&mut self, plan: &mut Plan) {
        let Some(id) = self.document.sheet.free_id() else {
            plan.notice = Some(Notice::TooManyRegions);
            return;
        };
        self.describe(None, plan, |sheet| {
            sheet.add();
        });
        self.select(id, plan);
    }

    fn remove_region(&mut self, id: RegionId, plan: &mut Plan) {
        let sheet = &self.document.sheet;
        let Some(at) = sheet.position(id).filter(|at| *at > 0) else { return };
        // The region that takes its place in the list, or the last.
        let neighbor = sheet.regions.get(at + 1).or_else(|| sheet.regions.get(at - 1)).map(|it| it.id);
        let has_pixels = !self.document.map.bounds(id).is_empty();
        if !self.may_change(id, plan) || (has_pixels && !self.may_change(RegionId::BACKGROUND, plan)) {
            return;
        }
        let selected = self.selected == id;
        self.alter(plan, |map, sheet| {
            sheet.regions.remove(at);
            replace(map, |pixel| if pixel == id { RegionId::BACKGROUND } else { pixel })
        });
        if selected {
            neighbor.into_iter().for_each(|region| self.select(region, plan));
        }
    }

    fn merge(&mut self, from: RegionId, into: RegionId, plan: &mut Plan) {
        let sheet = &self.document.sheet;
        let (Some(at), Some(_)) = (sheet.position(from), sheet.position(into)) else { return };
        let possible = from != into && from != RegionId::BACKGROUND;
        if !possible || !self.may_change(from, plan) || !self.may_change(into, plan) {
            return;
        }
        let selected = self.selected == from;
        self.alter(plan, |map, sheet| {
            let gone = sheet.regions.remove(at);
            if let Some(stays) = sheet.region_mut(into)
                && stays.text.trim().is_empty()
            {
                stays.text.clone_from(&gone.text);
                stays.occurrence = gone.occurrence;
            }
            replace(map, |pixel| if pixel == from { into } else { pixel })
        });
        if selected {
            self.select(into, plan);
        }
    }

    fn clear(&mut self, id: RegionId, plan: &mut Plan) {
        if self.may_change(id, plan) && self.may_change(RegionId::BACKGROUND, plan) {
            self.alter(plan, |map, _| {
                replace(map, |pixel| if pixel == id { RegionId::BACKGROUND } else { pixel })
            });
        }
    }

    fn invert(&mut self, id: RegionId, plan: &mut Plan) {
        let lives = self.document.region(id).is_some();
        if lives && self.may_change(id, plan) && self.may_change(RegionId::BACKGROUND, plan) {
            self.alter(plan, |map, _| {
                replace(map, |pixel| match pixel {
                    pixel if pixel == id => RegionId::BACKGROUND,
                    RegionId::BACKGROUND => id,
                    other => other,
                })
            });
        }
    }

    /// Changes a region, if it exists.
    fn set(
        &mut self,
        id: RegionId,
        field: Option<Field>,
        plan: &mut Plan,
        change: impl FnOnce(&mut crate::Region),
    ) {
        self.describe(field, plan, |sheet| {
            if let Some(region) = sheet.region_mut(id) {
                change(region);
            }
        });
    }
}

/// Maps the region of each pixel by `by`; returns where pixels changed.
fn replace(map: &mut IndexMap, by: impl Fn(RegionId) -> RegionId) -> Rect {
    let mut table = [0; 256];
    for id in RegionId::all() {
        table[usize::from(id.number())] = by(id).number();
    }
    let (width, mut dirty) = (map.width(), Rect::default());
    for y in 0..map.height() {
        let mut changed = false;
        for pixel in map.span_mut(y, 0, width) {
            let new = table[usize::from(*pixel)];
            changed |= new != *pixel;
            *pixel = new;
        }
        if changed {
            dirty = dirty.union(&Rect::new(0, y, width, 1));
        }
    }
    dirty
}
