//! The model that the server paints with.

use std::time::Duration;

use api::Model;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Studio;
use crate::client;

/// How long a server that has no model yet is left alone.
const AGAIN: Duration = Duration::from_secs(3);

impl Studio {
    /// Asks for the model until the server has one.
    pub fn ask_for_model(self) {
        spawn_local(async move {
            match client::get(&format!("{}/model", api::ROOT)).await {
                Ok(model) => self.learn_model(model),
                Err(_) => set_timeout(move || self.ask_for_model(), AGAIN),
            }
        });
    }

    /// The model is known: a document that nobody touched takes its size.
    fn learn_model(self, model: Model) {
        let untouched = self.unsaved.get_untracked() == 0;
        let defaults = model.defaults.clone();
        self.model.set(Some(model));
        if untouched {
            self.resize((defaults.width, defaults.height));
        }
    }
}
