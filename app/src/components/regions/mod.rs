//! The regions: what is drawn with, and what belongs where.

mod details;
mod occurrence;
mod row;
mod swatch;

use editor::RegionEdit;
use layout::MAX_REGIONS;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::chip::Chip;
use crate::components::settings::Wrong;
use crate::studio::Studio;
use row::RegionRow;

/// The list of regions, the background first.
#[component]
pub fn RegionsPanel() -> AnyView {
    let studio = expect_context::<Studio>();
    let ids =
        Memo::new(move |_| studio.regions.with(|regions| regions.iter().map(|it| it.id).collect::<Vec<_>>()));
    let full = move || studio.regions.with(|regions| regions.len() >= MAX_REGIONS);
    view! {
        <section class="panel regions" aria-labelledby="regions-title">
            <header class="panel-head">
                <h2 id="regions-title">"Regions"</h2>
                <Chip
                    name="Add region"
                    title="Another colour to draw with, for another thing"
                    icon="plus"
                    off=Box::new(full)
                    press=Box::new(move |_| studio.region(RegionEdit::Add))
                />
            </header>
            <p class="hint">"Choose one, draw it, and say in a few words what it is."</p>
            <ul class="region-list">
                <For each=move || ids.get() key=|id| id.number() let:id>
                    <RegionRow id />
                </For>
            </ul>
            <Wrong field="regions" />
        </section>
    }
    .boxed()
}
