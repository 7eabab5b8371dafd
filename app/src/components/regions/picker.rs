//! The choice of the region to draw with, at the canvas: for windows too small to show the list of regions.

use editor::{Message, Region, RegionEdit, RegionId};
use leptos::prelude::*;

use super::each_region;
use super::swatch::Swatch;
use crate::boxed::Boxed;
use crate::components::chip::IconButton;
use crate::studio::{self, Studio};

/// A row of the regions with their texts' beginnings; it scrolls sideways, the chosen one stays visible.
#[component]
pub fn RegionPicker() -> AnyView {
    let studio = expect_context::<Studio>();
    view! {
        <div class="region-picker" role="group" aria-label="Draw with">
            <div class="choices">
                {each_region(studio, choice)}
            </div>
            <IconButton
                label="Another region"
                title="Another colour to draw with, for another thing"
                icon="plus"
                off=Box::new(move || studio.is_full())
                press=Box::new(move |_| studio.region(RegionEdit::Add))
            />
        </div>
    }
    .boxed()
}

fn choice(studio: Studio, id: RegionId) -> AnyView {
    let region = studio.watch_region(id);
    let text = move || {
        let text = region.with(|region| region.as_ref().map(|Region { text, .. }| text.trim().to_owned()));
        text.filter(|text| !text.is_empty()).unwrap_or_else(|| studio::name(id))
    };
    view! {
        <button
            type="button"
            class="choice"
            title="Draw with this region"
            aria-pressed=move || (studio.selected.get() == id).to_string()
            on:click=move |_| studio.send(Message::Select(id))
        >
            <Swatch region />
            <span>{text}</span>
        </button>
    }
    .boxed()
}
