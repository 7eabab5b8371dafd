//! Keeps the document in the browser, so that nothing is lost.

use std::time::Duration;

use editor::{Editor, Message, Opened};
use leptos::prelude::*;

use super::Studio;
use crate::client::storage::{BROWSER, COPY, DOCUMENT, TAB};

/// The delay between a change and saving.
const PAUSE: Duration = Duration::from_millis(400);
/// How often saving is put off while something is being drawn.
const PAUSES: u32 = 10;
/// The value of [`Studio::unsaved`] for a restored document that has not changed.
const BEGUN: u32 = 1;
/// How many drawings are kept besides this one.
const ASIDE: usize = 8;

impl Studio {
    /// Restores what was saved, and saves every change from now on. A new tab starts with the last save.
    pub fn keep(self) {
        let own = TAB.load(DOCUMENT);
        let is_own = own.is_some();
        let last =
            BROWSER.all(DOCUMENT).into_iter().rfind(|(_, kept)| own.as_ref().is_none_or(|own| kept == own));
        let text = own.or_else(|| last.as_ref().map(|(_, kept)| kept.clone())).unwrap_or_default();
        if !text.is_empty() {
            match Opened::of_project(&text) {
                Ok(opened) => {
                    self.begin(opened.document);
                    self.sizeless.set_value(false);
                    self.unsaved.set(BEGUN);
                    if !is_own {
                        self.opened.set_value(BEGUN);
                    }
                    self.former.set_value(last);
                }
                Err(problem) => {
                    self.notice.set(Some(format!("What this browser kept cannot be read: {problem}")));
                }
            }
        }
        self.other.set(!self.others(&text).is_empty());
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
        // A tab that is closed or left does not wait. Its session storage goes with it, so what it drew
        // before a reload is saved as well.
        let hidden = window_event_listener(leptos::ev::pagehide, move |_| {
            if is_own || self.unsaved.get_untracked() != kept {
                self.save();
            }
        });
        on_cleanup(move || hidden.remove());
    }

    /// Saves once the browser is idle and nothing is being drawn, or after so many pauses regardless: a
    /// polygon may stay open for long.
    fn save_when_idle(self, pauses: u32) {
        let save = move || {
            if pauses > 0 && self.with_editor(Editor::is_drawing) {
                set_timeout(move || self.save_when_idle(pauses - 1), PAUSE);
            } else {
                self.save();
            }
        };
        // Not every browser has idle callbacks.
        if request_idle_callback_with_handle(save).is_err() {
            save();
        }
    }

    /// Saves the document for this tab and for the next visit.
    fn save(self) {
        let text = self.project();
        let kept = self.save_as(js_sys::Date::now(), &text);
        if !TAB.save(DOCUMENT, &text) && kept {
            self.tell_of_no_room();
        }
    }

    pub(super) fn tell_of_no_room(self) {
        let why =
            "This browser does not keep the drawing (no room, or a private window): save a project file";
        self.notice.set(Some(why.to_owned()));
    }

    /// Saves a version of this drawing in place of the former; returns whether there was room, or tells the
    /// user. Each has its own key, with its time, and none is written twice: tabs overwrite nothing.
    fn save_as(self, time: f64, text: &str) -> bool {
        let former = self.former.try_update_value(Option::take).flatten();
        // The tab that it came from may have replaced it.
        let former = former.filter(|(key, kept)| BROWSER.load(key).as_ref() == Some(kept));
        if let Some((key, _)) = &former {
            BROWSER.forget(key);
        }
        let key = format!("{DOCUMENT}{}", time + js_sys::Math::random());
        loop {
            let (equal, others): (Vec<_>, Vec<_>) =
                BROWSER.all(DOCUMENT).into_iter().partition(|(_, kept)| kept == text);
            if others.len() <= ASIDE && BROWSER.save(&key, text) {
                equal.iter().for_each(|(key, _)| BROWSER.forget(key));
                self.former.set_value(Some((key, text.to_owned())));
                self.other.set(!others.is_empty());
                return true;
            }
            if others.len() < 2 {
                if let Some((key, kept)) = &former {
                    BROWSER.save(key, kept);
                }
                self.former.set_value(former);
                self.tell_of_no_room();
                return false;
            }
            BROWSER.forget(&others[0].0);
        }
    }

    /// The other drawings, the latest last.
    fn others(self, text: &str) -> Vec<(String, String)> {
        let mut all = BROWSER.all(DOCUMENT);
        all.retain(|other| {
            other.1 != text && self.former.with_value(|former| former.as_ref() != Some(other))
        });
        all
    }

    /// Swaps the document for the one saved last, and saves it as the oldest: repeated presses go through
    /// all. Can be undone.
    pub fn swap(self) {
        self.send(Message::Finish);
        let text = self.project();
        for other in self.others(&text).into_iter().rev() {
            match Opened::of_project(&other.1) {
                Ok(opened) => {
                    // The later it is saved, the earlier it sorts.
                    if !self.save_as(3e12 - js_sys::Date::now(), &text) {
                        return;
                    }
                    self.former.set_value(Some(other));
                    self.show_opened(opened);
                    // It is the user's own all the same.
                    return self.opened.set_value(u32::MAX);
                }
                // An unreadable drawing stays, and blocks no other.
                Err(problem) => self.notice.set(Some(problem.to_string())),
            }
        }
    }

    /// Saves this drawing, if it is the user's own, before another replaces it: it can be brought back even
    /// after a reload. Returns false if there was no room, after telling the user.
    pub(super) fn put_aside(self) -> bool {
        self.send(Message::Finish);
        let unsaved = self.unsaved.get_untracked();
        let is_own = self.opened.get_value() != unsaved && !self.blank.get_untracked();
        let kept = !is_own || self.save_as(js_sys::Date::now(), &self.project());
        // What was saved of it, here or by another tab, stays.
        if is_own || unsaved == BEGUN {
            self.former.set_value(None);
            self.other.set(true);
        }
        kept
    }

    /// The document as a project file.
    pub fn project(self) -> String {
        self.with_editor(|editor| editor.document().to_project())
    }

    /// Opens a project file; can be undone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open_project(self, text: &str) -> Result<(), String> {
        self.load(Opened::of_project(text).map_err(|error| error.to_string())?);
        Ok(())
    }
}
