//! Nothing is lost: the document is kept in the browser.

use std::time::Duration;

use editor::{Editor, Opened};
use leptos::prelude::*;

use super::Studio;
use crate::client::storage::{BROWSER, COPY, DOCUMENT, OTHERS, TAB};

/// How long after a change the document is kept.
const PAUSE: Duration = Duration::from_millis(400);
/// Drawings of other tabs that are kept.
const ASIDE: usize = 8;

impl Studio {
    /// Brings back what was kept and keeps every change from now on. A new tab begins with what was kept last.
    pub fn keep(self) {
        let own = TAB.load(DOCUMENT);
        let is_own = own.is_some();
        let last = own.or_else(|| BROWSER.load(DOCUMENT));
        match last.as_deref().map(Opened::of_project) {
            Some(Ok(opened)) => {
                self.begin(opened.document);
                self.unsaved.set(1);
            }
            Some(Err(problem)) => {
                self.notice.set(Some(format!("What this browser kept cannot be read: {problem}")));
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
            timer.set_value(set_timeout_with_handle(move || self.save_when_idle(), PAUSE).ok());
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

    /// Keeps the document once the browser has nothing else to do and nothing is being drawn.
    fn save_when_idle(self) {
        let save = move || {
            if self.with_editor(Editor::is_drawing) {
                set_timeout(move || self.save_when_idle(), PAUSE);
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
        let aside = other.is_none_or(|other| {
            let mut all = others();
            all.retain(|known| *known != other);
            all.push(other);
            keep_others(all)
        });
        let kept = aside && BROWSER.save(DOCUMENT, &text);
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
        let opened = all.pop().map_or(Ok(()), |other| self.open_project(&other));
        if let Err(problem) = opened {
            return self.notice.set(Some(problem));
        }
        all.insert(0, own);
        keep_others(all);
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

/// The drawings that were put aside, the last one last.
fn others() -> Vec<String> {
    BROWSER.load(OTHERS).and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default()
}

/// Keeps as many of them as there is room for; whether that is at least the last.
fn keep_others(mut all: Vec<String>) -> bool {
    all.drain(..all.len().saturating_sub(ASIDE));
    while !all.is_empty() {
        if serde_json::to_string(&all).is_ok_and(|list| BROWSER.save(OTHERS, &list)) {
            return true;
        }
        all.remove(0);
    }
    false
}
