//! The model that the server paints with.

use std::time::Duration;

use api::Model;
use editor::{Document, DocumentEdit, Editor, Message};
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::Size;
use send_wrapper::SendWrapper;

use super::Studio;
use crate::client;
use crate::server_status::ServerStatus;

/// How long what is being drawn is waited for.
const PAUSE: Duration = Duration::from_millis(400);

impl Studio {
    /// Asks for the model as soon as the server has one, and again when it has another; and whether the server is there, where
    /// it did not answer.
    pub fn follow_model(self) {
        let ServerStatus(status) = self.server;
        Effect::new(move |_| {
            if self.jobs.is_silent() {
                self.server.doubt();
            }
        });
        Effect::new(move |_| {
            let known = self.model.with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
            let name = status.with(|status| status.as_ref().and_then(|status| status.model.clone()));
            if name.is_some() {
                self.jobs.answered();
            }
            if name.is_none() || name == known {
                return;
            }
            spawn_local(async move {
                if let Ok(model) = client::get(&format!("{}/model", api::ROOT)).await {
                    self.learn_model(model);
                }
            });
        });
    }

    /// The model is known: a document that nobody touched takes its size, and so does what was drawn meanwhile.
    fn learn_model(self, model: Model) {
        let untouched = self.unsaved.get_untracked() == 0 && !self.with_editor(Editor::is_drawing);
        let defaults = model.defaults.clone();
        self.model.set(Some(model));
        self.fetch_published();
        let own = Document::for_model(&defaults);
        let sizeless =
            self.sizeless.get_value() && self.picture.get_untracked() == Document::default().picture();
        if untouched {
            self.begin(own);
        } else if sizeless {
            self.adopt(own.picture());
        }
        self.sizeless.set_value(false);
        if let Some(wanted) = self.wanted.try_update_value(Option::take).flatten() {
            wanted.take()();
        }
    }

    /// The picture has this size from now on, once nothing is being drawn.
    fn adopt(self, size: Size) {
        if self.with_editor(Editor::is_drawing) {
            set_timeout(move || self.adopt(size), PAUSE);
        } else {
            self.send(Message::Document(DocumentEdit::Adopt(size)));
        }
    }

    /// The document that was opened has the size of a default: the model's, once it is there.
    pub(super) fn size_by_default(self) {
        self.sizeless.set_value(self.model.with_untracked(Option::is_none));
    }

    /// Does what needs the model once it is there: its defaults count, its size above all.
    pub(super) fn wait_for_model(self, wanted: impl FnOnce() + 'static) {
        if let Some(problem) = self.server.0.with_untracked(|status| status.as_ref()?.problem.clone()) {
            self.notice.set(Some(problem));
            return;
        }
        self.notice.set(Some("The model is not there yet: it goes on by itself".to_owned()));
        self.wanted.set_value(Some(SendWrapper::new(Box::new(wanted))));
    }
}
