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

/// How long to wait while something is being drawn.
const PAUSE: Duration = Duration::from_millis(400);

impl Studio {
    /// Fetches the model once the server has one, and again when it changes; after a request without answer,
    /// asks whether the server is up.
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

    /// Takes over the model: an untouched document takes its size, and so does what was drawn meanwhile.
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

    /// Gives the picture this size, once nothing is being drawn.
    fn adopt(self, size: Size) {
        if self.with_editor(Editor::is_drawing) {
            set_timeout(move || self.adopt(size), PAUSE);
        } else {
            self.send(Message::Document(DocumentEdit::Adopt(size)));
        }
    }

    /// The document that was opened has a default size: the model's, once that is known.
    pub(super) fn size_by_default(self) {
        self.sizeless.set_value(self.model.with_untracked(Option::is_none));
    }

    /// Runs an action once the model is known, since its defaults count, above all its size.
    pub(super) fn wait_for_model(self, wanted: impl FnOnce() + 'static) {
        if let Some(problem) = self.server.0.with_untracked(|status| status.as_ref()?.problem.clone()) {
            self.notice.set(Some(problem));
            return;
        }
        self.notice.set(Some("The model is not there yet: it goes on by itself".to_owned()));
        self.wanted.set_value(Some(SendWrapper::new(Box::new(wanted))));
    }
}
