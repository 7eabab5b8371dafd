//! Nothing is lost: the document is kept in the browser.

use std::time::Duration;

use editor::{Editor, Opened};
use leptos::prelude::*;

use super::Studio;
use crate::client::storage::{BROWSER, COPY, DOCUMENT, NAME, OTHERS, TAB};

/// How long after a change the document is kept.
const PAUSE: Duration = Duration::from_millis(400);
/// How often that is put off while something is being drawn.
const PAUSES: u32 = 10;
/// Drawings of other tabs that are kept.
const ASIDE: usize = 8;

impl Studio {
    /// Brings back what was kept and keeps every change from now on. A new tab begins with what was kept last.
    pub fn keep(self) {
        let own = TAB.load(DOCUMENT);
        let is_own = own.is_some();
        let mut last = own.or_else(|| BROWSER.load(DOCUMENT));
        match last.as_deref().map(Opened::of_project) {
            Some(Ok(opened)) => {
                self.begin(opened.document);
                self.sizeless.set_value(false);
                self.unsaved.set(1);
            }
            Some(Err(problem)) => {
                self.notice.set(Some(format!("What this browser kept cannot be read: {problem}")));
                // It is put aside like another's, before anything takes its place.
                last = None;
            }
            None => {}
        }
        self.saved.set_value(last);
        self.other.set(!others().is_empty());
        let kept = self.unsaved.get_untracked();
        if let Some(text) = TAB.load(COPY) {
            TAB.forget(COPY);
            if let Err(problem) = self.open_project(&text) {
                self.notice.set(Some(format!("The copy cannot be opened: {problem}")));
            }
        }
        let timer = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            if self.unsaved.get() == kept {
                return;
            }
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            timer.set_value(set_timeout_with_handle(move || self.save_when_idle(PAUSES), PAUSE).ok());
        });
        // A tab that is closed or left does not wait. With it goes what it has for itself: what it drew before a reload
        // counts as well.
        let hidden = window_event_listener(leptos::ev::pagehide, move |_| {
            if is_own || self.unsaved.get_untracked() != kept {
                self.save();
            }
        });
        on_cleanup(move || hidden.remove());
    }

    /// Keeps the document once the browser has nothing else to do and nothing is being drawn, or after so many pauses all
    /// the same: a polygon may wait for long.
    fn save_when_idle(self, pauses: u32) {
        let save = move || {
            if pauses > 0 && self.with_editor(Editor::is_drawing) {
                set_timeout(move || self.save_when_idle(pauses - 1), PAUSE);
            } else {
                self.save();
            }
        };
        // Not every browser tells when it is idle.
        if request_idle_callback_with_handle(save).is_err() {
            save();
        }
    }

    /// Keeps the document for this tab and for the next visit. What another tab kept for that is put aside.
    fn save(self) {
        let text = self.project();
        let last = BROWSER.load(DOCUMENT);
        let other =
            last.filter(|last| *last != text && self.saved.with_value(|own| own.as_ref() != Some(last)));
        // One version of each drawing, and none of this one.
        let (own, author) = (name(), BROWSER.load(NAME).unwrap_or_default());
        let mut all = others();
        let before = all.len();
        all.retain(|(name, _)| *name != own && (other.is_none() || *name != author));
        let changed = other.is_some() || all.len() != before;
        all.extend(other.map(|other| (author, other)));
        let aside = !changed || keep_others(all);
        let kept = aside && BROWSER.save(DOCUMENT, &text) && BROWSER.save(NAME, &own);
        self.other.set(!others().is_empty());
        if TAB.save(DOCUMENT, &text) && kept {
            self.saved.set_value(Some(text));
        } else {
            let why =
                "This browser does not keep the drawing (no room, or a private window): save a project file";
            self.notice.set(Some(why.to_owned()));
        }
    }

    /// Changes the document for the one that was put aside last, and puts it aside as the first: pressed again and again,
    /// all come by. It can be undone.
    pub fn swap(self) {
        let (own, mut all) = (self.project(), others());
        let Some(other) = all.pop() else {
            return;
        };
        match Opened::of_project(&other.1) {
            Ok(opened) => {
                all.insert(0, (name(), own));
                // Another tab may still draw at the same.
                TAB.forget(NAME);
                self.show_opened(opened);
            }
            // It stays, and hides no other.
            Err(problem) => {
                all.insert(0, other);
                self.notice.set(Some(problem.to_string()));
            }
        }
        keep_others(all);
    }

    /// Puts this drawing aside, if it is one, before another takes its place: after a reload, too, it can be had again.
    pub(super) fn put_aside(self) {
        if self.blank.get_untracked() || self.opened.get_value() == self.unsaved.get_untracked() {
            return;
        }
        let (own, mut all) = (name(), others());
        all.retain(|(other, _)| *other != own);
        all.push((own, self.project()));
        keep_others(all);
        self.other.set(!others().is_empty());
        TAB.forget(NAME);
    }

    /// The document as a project file.
    pub fn project(self) -> String {
        self.with_editor(|editor| editor.document().to_project())
    }

    /// Opens a project file; it can be undone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open_project(self, text: &str) -> Result<(), String> {
        self.load(Opened::of_project(text).map_err(|error| error.to_string())?);
        Ok(())
    }
}

/// What this tab's drawing is called where it is put aside.
fn name() -> String {
    TAB.load(NAME).unwrap_or_else(|| {
        let name = js_sys::Math::random().to_string();
        TAB.save(NAME, &name);
        name
    })
}

/// The drawings that were put aside, each with its name, the last one last.
fn others() -> Vec<(String, String)> {
    BROWSER.load(OTHERS).and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default()
}

/// Keeps as many of them as there is room for, of equal ones the last; whether that is at least the last, if there is one.
fn keep_others(others: Vec<(String, String)>) -> bool {
    let mut all: Vec<(String, String)> = Vec::new();
    for other in others {
        all.retain(|earlier| earlier.1 != other.1);
        all.push(other);
    }
    all.drain(..all.len().saturating_sub(ASIDE));
    loop {
        if serde_json::to_string(&all).is_ok_and(|list| BROWSER.save(OTHERS, &list)) {
            return true;
        }
        if all.len() < 2 {
            return false;
        }
        all.remove(0);
    }
}
