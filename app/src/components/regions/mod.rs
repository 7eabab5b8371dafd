//! The regions: what to draw with, and what belongs where.

mod details;
mod occurrence;
mod picker;
mod row;
mod swatch;

use editor::{RegionEdit, RegionId};
use layout::MAX_REGIONS;
use leptos::html::Ul;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::components::chip::Chip;
use crate::components::settings::Wrong;
use crate::studio::Studio;
pub use picker::RegionPicker;
use row::RegionRow;
pub use swatch::Swatch;

/// Why no region can be added.
const FULL: &str = "32 regions at most, the background included";
const _: () = assert!(MAX_REGIONS == 32, "what is said of it");

/// A view of each region. One function for all lists of them, to keep the WASM bundle small.
fn each_region(studio: Studio, view: fn(Studio, RegionId) -> AnyView) -> impl IntoView {
    let ids = studio.region_ids();
    view! {
        <For each=move || ids.get() key=|id| id.number() let:id>
            {view(studio, id)}
        </For>
    }
}

/// The list of regions, the background first.
#[component]
pub fn RegionsPanel() -> AnyView {
    let studio = expect_context::<Studio>();
    let list = NodeRef::<Ul>::new();
    let add = move |_| {
        studio.region(RegionEdit::Add);
        // Its row exists by then.
        request_animation_frame(move || {
            let row = list.get_untracked().and_then(|list| list.last_element_child());
            row.iter().for_each(client::reveal);
        });
    };
    view! {
        <section class="panel regions" aria-labelledby="regions-title">
            <header class="panel-head">
                <h2 id="regions-title">"Regions"</h2>
                <Chip
                    name="Add region"
                    title="Another colour to draw with, for another thing: 32 regions at most, the background included"
                    icon="plus"
                    off=Box::new(move || studio.is_full())
                    press=Box::new(add)
                />
            </header>
            <p class="hint">
                {move || if studio.is_full() { FULL } else { "Choose one, draw it, and say in a few words what it is." }}
            </p>
            <ul class="region-list" node_ref=list>
                {each_region(studio, |_, id| view! { <RegionRow id /> }.into_any())}
            </ul>
            <Wrong field="regions" />
        </section>
    }
    .boxed()
}
