//! Saving files: the project, the layout, the masks.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::Studio;
use crate::client;
use crate::zip;

const PNG: &str = "image/png";

impl Studio {
    /// Saves the project file.
    pub fn export_project(self) {
        self.tell(client::download("drawing.json", self.project().as_bytes(), "application/json"));
    }

    /// Saves the layout as a picture.
    pub fn export_layout(self) {
        let picture = self.with_editor(|editor| {
            let map = editor.document().map();
            (map.width(), map.height(), editor.document().layout_rgba())
        });
        spawn_local(async move {
            let png = client::encode_picture(&picture).await;
            self.tell(png.and_then(|png| client::download("layout.png", &png, PNG)));
        });
    }

    /// Saves one black and white picture for each region, all in one archive.
    pub fn export_masks(self) {
        let masks: Vec<_> = self.with_editor(|editor| {
            let document = editor.document();
            let (width, height) = (document.map().width(), document.map().height());
            let mask = |region: &editor::Region| {
                (format!("mask-{}.png", region.file_name()), (width, height, document.mask_rgba(region.id)))
            };
            document.regions().map(mask).collect()
        });
        spawn_local(async move { self.tell(save_masks(masks).await) });
    }

    fn tell(self, done: Result<(), JsValue>) {
        if done.is_err() {
            self.notice.set(Some("The browser does not save the file".to_owned()));
        }
    }
}

async fn save_masks(masks: Vec<(String, client::Pixels)>) -> Result<(), JsValue> {
    let mut files = Vec::new();
    for (name, pixels) in masks {
        files.push((name, client::encode_picture(&pixels).await?));
    }
    client::download("masks.zip", &zip::archive(&files), "application/zip")
}
