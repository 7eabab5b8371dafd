//! The shown picture under the drawing, so that regions can be fitted to what was painted.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlImageElement;

use super::Studio;
use crate::client;

impl Studio {
    /// Is there a picture to be seen under the drawing?
    pub fn has_backdrop(self) -> bool {
        self.backdrop_path().is_some()
    }

    /// Shows the picture under the drawing, or no longer.
    pub fn toggle_backdrop(self) {
        self.with_backdrop.update(|with| *with = !*with);
    }

    /// Keeps the canvas's backdrop up to date.
    pub fn follow_backdrop(self) {
        let wanted = Memo::new(move |_| self.with_backdrop.get().then(|| self.backdrop_path()).flatten());
        Effect::new(move |_| {
            let picture = wanted.get().and_then(|path| self.load_picture(&path));
            self.surface.with_value(|surface| {
                if let Some(surface) = surface {
                    surface.set_backdrop(picture);
                }
            });
            self.redraw();
        });
    }

    fn backdrop_path(self) -> Option<String> {
        let job = self.jobs.shown_job().filter(|job| job.pictures > 0)?;
        Some(client::picture_path(&job.id, 0))
    }

    /// A picture that is drawn as soon as it is there.
    fn load_picture(self, path: &str) -> Option<HtmlImageElement> {
        let picture = HtmlImageElement::new().ok()?;
        let loaded = Closure::once_into_js(move || self.redraw());
        picture.set_onload(Some(loaded.unchecked_ref()));
        picture.set_src(path);
        Some(picture)
    }
}
