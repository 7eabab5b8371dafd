//! Changes to the document, each a step of the history.

use std::sync::Arc;

use request::{Size, is_too_long};

use super::Editor;
use crate::history::{Changed, Field, History};
use crate::map::{IndexMap, working_size};
use crate::patch::Patch;
use crate::repair::{Repair, repair};
use crate::sheet::Sheet;
use crate::text::{FullText, limited};
use crate::{Document, DocumentEdit, Notice, Parameter, Plan, Rect, RegionId, TextEdit};

impl Editor {
    pub(super) fn edit_text(&mut self, edit: TextEdit, plan: &mut Plan) {
        match edit {
            TextEdit::Full(text) => {
                let text = self.checked(text, plan);
                let follows = text == self.document.sheet.joined();
                let text = if follows { FullText::Following } else { FullText::Edited(text) };
                self.describe(Some(Field::FullText), plan, |sheet| sheet.text = Arc::new(text));
            }
            TextEdit::Follow => self.describe(None, plan, |sheet| sheet.text = Arc::default()),
            TextEdit::Repair(region) => match repair(&self.document, region) {
                Some(Repair::Text { text, .. }) if is_too_long(&text) => plan.notice = Some(Notice::NoRoom),
                Some(Repair::Text { text, .. }) => {
                    self.describe(None, plan, |sheet| sheet.text = Arc::new(FullText::Edited(text)));
                }
                Some(Repair::FirstOccurrence) => self.describe(None, plan, |sheet| {
                    if let Some(region) = sheet.region_mut(region) {
                        region.occurrence = Some(layout::Occurrence::default());
                    }
                }),
                None => {}
            },
        }
    }

    pub(super) fn set_parameter(&mut self, parameter: Parameter, plan: &mut Plan) {
        if let Parameter::NegativePrompt(Some(text)) = &parameter
            && is_too_long(text)
        {
            plan.notice = Some(Notice::TextTooLong);
        }
        let field = Field::of_parameter(&parameter);
        self.describe(Some(field), plan, |sheet| parameter.set_in(Arc::make_mut(&mut sheet.parameters)));
    }

    pub(super) fn edit_document(&mut self, edit: DocumentEdit, plan: &mut Plan) {
        match edit {
            DocumentEdit::Begin(document) => {
                self.load(*document, plan);
                self.history = History::default();
                plan.document = false;
                plan.panels.history = true;
            }
            DocumentEdit::New(picture) => {
                let mut document = Document::new(picture);
                let parameters = &mut Arc::make_mut(&mut document.sheet).parameters;
                *parameters = Arc::clone(&self.document.sheet.parameters);
                // A seed belongs to the drawing that was opened or made with it.
                Arc::make_mut(parameters).seed = None;
                self.load(document, plan);
            }
            DocumentEdit::Load(document) => self.load(*document, plan),
            DocumentEdit::Resize(picture) => self.resize(picture, plan),
            DocumentEdit::Adopt(picture) => self.adopt(picture, plan),
        }
    }

    pub(super) fn undo(&mut self, plan: &mut Plan) {
        if self.step_back(plan) {
            return;
        }
        if self.is_busy() {
            return self.cancel(plan);
        }
        let size = self.size();
        if let Some(changed) = self.history.undo(&mut self.document) {
            self.show(changed, size, plan);
        }
    }

    pub(super) fn redo(&mut self, plan: &mut Plan) {
        self.cancel(plan);
        let size = self.size();
        if let Some(changed) = self.history.redo(&mut self.document) {
            self.show(changed, size, plan);
        }
    }

    /// Changes anything but the map. Successive changes of the same field are one step.
    pub(super) fn describe(
        &mut self,
        field: Option<Field>,
        plan: &mut Plan,
        change: impl FnOnce(&mut Sheet),
    ) {
        let before = self.document.sheet.clone();
        let mut sheet = Sheet::clone(&before);
        change(&mut sheet);
        if sheet != *before {
            self.document.sheet = Arc::new(sheet);
            self.history.push_edit(field, before.clone(), &self.document);
            self.compare(&before, plan);
        }
    }

    /// Changes map and sheet in one step; `change` returns where it changed the map.
    pub(super) fn alter(&mut self, plan: &mut Plan, change: impl FnOnce(&mut IndexMap, &mut Sheet) -> Rect) {
        let (map, sheet, size) = (self.document.map.clone(), self.document.sheet.clone(), self.size());
        let mut altered = Sheet::clone(&sheet);
        let rect = change(&mut self.document.map, &mut altered);
        let patch = Patch::between(&map, &self.document.map, rect);
        let sheet = (*sheet != altered).then_some(sheet);
        if sheet.is_some() {
            self.document.sheet = Arc::new(altered);
        }
        if patch.is_some() || sheet.is_some() {
            self.history.push(patch, sheet.clone(), &self.document);
            self.show(Changed { rect, sheet }, size, plan);
        }
    }

    /// Truncates a text that is too long, and tells the user.
    pub(super) fn checked(&self, text: String, plan: &mut Plan) -> String {
        if is_too_long(&text) {
            plan.notice = Some(Notice::TextTooLong);
        }
        limited(text)
    }

    fn load(&mut self, document: Document, plan: &mut Plan) {
        self.alter(plan, |map, sheet| {
            *map = document.map;
            *sheet = Arc::unwrap_or_clone(document.sheet);
            map.rect()
        });
        self.stretched = None;
        self.select(self.first_region(), plan);
        self.look(self.viewport.fit(&self.document.map), plan);
    }

    fn resize(&mut self, picture: Size, plan: &mut Plan) {
        // Sizes tried in a row all start from what was drawn: each in turn would make it coarser.
        let source = self.stretched.take().unwrap_or_else(|| self.document.map.clone());
        self.alter(plan, |map, sheet| {
            let (width, height) = working_size(picture);
            if (map.width(), map.height()) != (width, height) {
                *map = source.resampled(width, height);
            }
            sheet.picture = picture;
            map.rect()
        });
        self.stretched = Some(source);
    }

    fn adopt(&mut self, picture: Size, plan: &mut Plan) {
        if working_size(picture) != self.size() {
            return self.resize(picture, plan);
        }
        let before = self.document.sheet.clone();
        self.history.adopt(before.picture, picture);
        Arc::make_mut(&mut self.document.sheet).picture = picture;
        plan.document = true;
        self.compare(&before, plan);
    }

    /// Plans what a step changed, on a map that had a size before.
    fn show(&mut self, changed: Changed, size: (u32, u32), plan: &mut Plan) {
        plan.document = true;
        plan.paint(changed.rect);
        if self.size() != size {
            plan.resized = true;
            // Nothing of the old size is left to be painted.
            plan.dirty = Some(self.document.map.rect());
            (self.hover, self.cross) = (None, None);
            plan.overlay = true;
            self.look(self.viewport.fit(&self.document.map), plan);
        }
        if let Some(before) = changed.sheet {
            self.compare(&before, plan);
        }
    }

    /// Plans what differs from the sheet before.
    fn compare(&mut self, before: &Sheet, plan: &mut Plan) {
        let sheet = &self.document.sheet;
        let texts = |sheet: &Sheet| -> Vec<_> {
            sheet.regions.iter().map(|it| (it.id, it.text.clone(), it.occurrence)).collect()
        };
        plan.document = true;
        plan.panels.regions |= before.regions != sheet.regions;
        plan.panels.text |= before.text != sheet.text || texts(before) != texts(sheet);
        plan.panels.parameters |= before.parameters != sheet.parameters || before.picture != sheet.picture;
        if !before.looks_like(sheet) {
            plan.paint(self.document.map.rect());
        }
        let lives = |region: &RegionId| sheet.position(*region).is_some();
        if self.highlight.is_some_and(|region| !lives(&region)) {
            self.highlight = None;
            plan.paint(self.document.map.rect());
        }
        if !lives(&self.selected) {
            self.selected = self.first_region();
            plan.panels.regions = true;
        }
    }

    fn size(&self) -> (u32, u32) {
        (self.document.map.width(), self.document.map.height())
    }
}
