//! Undo and redo.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::Arc;

use request::Size;

use crate::patch::Patch;
use crate::sheet::Sheet;
use crate::{Document, Parameter, Rect, RegionId};

/// The bytes that all steps together may hold. Beyond it the oldest are dropped, but 200 steps of up to 160
/// KiB each always fit: a stroke across the whole map takes some 10 KiB, a text edit under 1 KiB.
const HISTORY_BYTES: usize = 200 * (160 << 10);

/// A field in which successive edits are one step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Text(RegionId),
    FullText,
    Color(RegionId),
    Weight(RegionId),
    Window(RegionId),
    Parameter(std::mem::Discriminant<Parameter>),
}

impl Field {
    pub(crate) fn of_parameter(parameter: &Parameter) -> Self {
        Self::Parameter(discriminant(parameter))
    }

    /// Its text, if it is a text field.
    fn text(&self, sheet: &Sheet) -> Option<String> {
        match self {
            Self::Text(region) => sheet.region(*region).map(|region| region.text.clone()),
            Self::FullText => Some(sheet.full_text()),
            Self::Parameter(which) if *which == discriminant(&Parameter::NegativePrompt(None)) => {
                sheet.parameters.negative_prompt.clone()
            }
            _ => None,
        }
    }
}

/// The document before a change or, once that is undone, after it.
#[derive(Debug)]
struct Step {
    patch: Option<Patch>,
    sheet: Option<Arc<Sheet>>,
    bytes: usize,
}

/// What a step changed.
#[derive(Default)]
pub(crate) struct Changed {
    /// Where the map changed.
    pub rect: Rect,
    /// The sheet as it was before, if it changed.
    pub sheet: Option<Arc<Sheet>>,
}

/// The steps that led to a document, and those that were undone.
#[derive(Debug, Default)]
pub(crate) struct History {
    past: VecDeque<Step>,
    future: Vec<Step>,
    bytes: usize,
    /// The field that the last step is still editing.
    field: Option<Field>,
}

impl History {
    pub(crate) fn undo_steps(&self) -> usize {
        self.past.len()
    }

    pub(crate) fn redo_steps(&self) -> usize {
        self.future.len()
    }

    /// Records a change that was made: the patch that reverts the map, and the sheet before.
    pub(crate) fn push(&mut self, patch: Option<Patch>, sheet: Option<Arc<Sheet>>, document: &Document) {
        self.field = None;
        if patch.is_none() && sheet.is_none() {
            return;
        }
        self.bytes -= self.future.drain(..).map(|step| step.bytes).sum::<usize>();
        let own = sheet.as_ref().map_or(0, |before| {
            before.bytes_beside(&document.sheet).max(document.sheet.bytes_beside(before))
        });
        let bytes = size_of::<Step>() + patch.as_ref().map_or(0, Patch::bytes) + own;
        self.past.push_back(Step { patch, sheet, bytes });
        self.bytes += bytes;
        while self.bytes > HISTORY_BYTES && self.past.len() > 1 {
            self.bytes -= self.past.pop_front().map_or(0, |step| step.bytes);
        }
    }

    /// Records an edit of a field; joins the last step if of the same field, unless a new word begins.
    pub(crate) fn push_edit(&mut self, field: Option<Field>, before: Arc<Sheet>, document: &Document) {
        let text = |sheet: &Sheet| field.as_ref().and_then(|field| field.text(sheet));
        let texts = || text(&before).zip(text(&document.sheet));
        let begins_word = || texts().is_some_and(|(before, after)| begins_word(&before, &after));
        let goes_on = field.is_some() && field == self.field && self.future.is_empty() && !begins_word();
        let before = match self.past.pop_back_if(|_| goes_on) {
            Some(step) => {
                self.bytes -= step.bytes;
                step.sheet.unwrap_or(before)
            }
            None => before,
        };
        // Text typed and deleted again is no step.
        let sheet = (before != document.sheet).then_some(before);
        let is_step = sheet.is_some();
        self.push(None, sheet, document);
        // Without a step of its own, the field has none to continue: the last one is another's.
        self.field = field.filter(|_| is_step);
    }

    /// Makes the next edit of the same field a step of its own.
    pub(crate) fn close_field(&mut self) {
        self.field = None;
    }

    /// Replaces the picture size `that` by `this` in all steps.
    pub(crate) fn adopt(&mut self, that: Size, this: Size) {
        let sheets = self.past.iter_mut().chain(&mut self.future).filter_map(|step| step.sheet.as_mut());
        for sheet in sheets.filter(|sheet| sheet.picture == that) {
            Arc::make_mut(sheet).picture = this;
        }
    }

    /// Undoes the last step.
    pub(crate) fn undo(&mut self, document: &mut Document) -> Option<Changed> {
        self.field = None;
        let mut step = self.past.pop_back()?;
        let changed = self.swap(&mut step, document);
        self.future.push(step);
        Some(changed)
    }

    /// Redoes the step that was undone last.
    pub(crate) fn redo(&mut self, document: &mut Document) -> Option<Changed> {
        self.field = None;
        let mut step = self.future.pop()?;
        let changed = self.swap(&mut step, document);
        self.past.push_back(step);
        Some(changed)
    }

    fn swap(&mut self, step: &mut Step, document: &mut Document) -> Changed {
        let size = |step: &Step| step.patch.as_ref().map_or(0, Patch::bytes);
        let before = size(step);
        let rect = step.patch.as_mut().map_or(Rect::default(), |patch| patch.swap(&mut document.map));
        let sheet = step.sheet.as_mut().map(|sheet| {
            std::mem::swap(sheet, &mut document.sheet);
            sheet.clone()
        });
        let after = size(step);
        step.bytes = step.bytes - before + after;
        self.bytes = self.bytes - before + after;
        Changed { rect, sheet }
    }
}

/// Whether what was typed at a text's end begins a new word.
fn begins_word(before: &str, after: &str) -> bool {
    let typed = after.strip_prefix(before).and_then(|typed| typed.chars().next());
    before.ends_with(char::is_whitespace) && typed.is_some_and(|letter| !letter.is_whitespace())
}
