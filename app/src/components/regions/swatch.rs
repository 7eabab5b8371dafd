//! A region's colour, hatching and number.

use editor::palette::{self, Hatch};
use editor::{Region, RegionId};
use leptos::prelude::*;

/// A square with the region's number that looks like the region on the canvas.
#[component]
pub fn Swatch(
    /// The region; `None` once it is gone.
    #[prop(into)]
    region: Signal<Option<Region>>,
) -> impl IntoView {
    let fill =
        move || region.with(|region| region.as_ref().map_or_else(String::new, |it| palette::hex(it.color)));
    let ink = move || {
        region.with(|region| palette::hex(palette::ink(region.as_ref().map_or([255; 3], |it| it.color))))
    };
    let lines = move || match region.with(|region| region.as_ref().map(|region| region.hatch)) {
        Some(Hatch::Rising) => "M0 12L12 0M0 24L24 0M12 24L24 12",
        Some(Hatch::Falling) => "M0 12L12 24M0 0L24 24M12 0L24 12",
        _ => "",
    };
    let number = move || match region.with(|region| region.as_ref().map(|region| region.id)) {
        Some(RegionId::BACKGROUND) | None => String::new(),
        Some(id) => id.number().to_string(),
    };
    view! {
        <svg class="swatch" viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" focusable="false">
            <rect width="24" height="24" fill=fill />
            <path d=lines stroke=ink stroke-width="1.5" stroke-opacity="0.45" />
            <text x="12" y="16.5" text-anchor="middle" font-size="12" font-weight="700" fill=ink>
                {number}
            </text>
        </svg>
    }
}
