//! Nothing is lost: the document is kept in the browser.

use std::time::Duration;

use editor::{Editor, Opened};
use leptos::prelude::*;

use super::Studio;
use crate::client::storage;

/// How long after a change the document is kept.
const PAUSE: Duration = Duration::from_millis(400);

impl Studio {
    /// Brings back what was kept and keeps every change from now on.
    pub fn keep(self) {
        match storage::load(storage::DOCUMENT).map(|text| Opened::of_project(&text)) {
            Some(Ok(opened)) => {
                self.begin(opened.document);
                self.unsaved.set(1);
            }
            Some(Err(problem)) => {
                self.notice.set(Some(format!("What this browser kept cannot be read: {problem}")));
            }
            None => {}
        }
        let kept = self.unsaved.get_untracked();
        if let Some(text) = storage::load(storage::COPY) {
            storage::forget(storage::COPY);
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
        // A tab that is closed or left does not wait.
        let hidden = window_event_listener(leptos::ev::pagehide, move |_| {
            if self.unsaved.get_untracked() != kept {
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

    fn save(self) {
        if !storage::save(storage::DOCUMENT, &self.project()) {
            let why =
                "This browser does not keep the drawing (no room, or a private window): save a project file";
            self.notice.set(Some(why.to_owned()));
        }
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
