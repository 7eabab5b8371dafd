//! Items of the published benchmark, offered where the model can paint them.

use editor::Import;
use layout::{ColorMatch, LayoutWire, Picture};
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::{GenerationRequest, LayoutRequest, RegionRequest};
use serde::Deserialize;

use super::Studio;
use crate::client;

/// Side of the pictures of models that know the benchmark's subjects; the embedded model's are smaller.
const SIDE: i64 = 512;

/// An entry of `valset.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// Its number.
    pub id: u32,
    /// The full text.
    #[serde(rename = "textual_condition")]
    pub text: String,
    /// A text for each region: the background's first, the others by descending area.
    #[serde(rename = "segment_descriptions")]
    pub regions: Vec<String>,
}

impl Item {
    /// The address of its layout picture.
    pub fn picture(&self) -> String {
        format!("/benchmark/valset_layout/{}.png", self.id)
    }

    async fn request(&self) -> Result<GenerationRequest, String> {
        let bytes = client::get_bytes(&self.picture()).await.map_err(|failure| failure.message)?;
        let (width, height, rgba) = client::decode_picture(&bytes, layout::MAX_SIDE).await?;
        let picture = Picture { width, height, rgba: &rgba };
        // The edges of these pictures are blurred.
        let found = Import::new(picture, ColorMatch::default()).map_err(|error| error.to_string())?;
        let layout = LayoutWire::from(found.layout());
        let region = |text: &String| RegionRequest { text: text.clone(), ..Default::default() };
        let regions = self.regions.iter().map(region).collect();
        let mut request = GenerationRequest::new(LayoutRequest::Runs(layout), regions);
        request.prompt = Some(self.text.clone());
        Ok(request)
    }
}

impl Studio {
    /// Fetches the items once, if the model's pictures are large enough.
    pub(super) fn fetch_published(self) {
        if self.values.with_untracked(|values| values.width.max(values.height)) < SIDE
            || !self.published.with_untracked(Vec::is_empty)
        {
            return;
        }
        spawn_local(async move {
            // Without them there are the other examples.
            if let Ok(items) = client::get("/benchmark/valset.json").await {
                self.published.set(items);
            }
        });
    }

    /// Opens an item; can be undone.
    pub fn open_published(self, item: Item) {
        spawn_local(async move {
            let opened = item.request().await.and_then(|request| self.open_sized(request));
            if let Err(problem) = opened {
                self.notice.set(Some(problem));
            }
        });
    }
}
