//! The rarely changed settings of a region.

use editor::{Message, Region, RegionEdit, RegionId, palette};
use leptos::prelude::*;
use request::limits;

use crate::boxed::Boxed;
use crate::components::chip::{Chip, Press};
use crate::show::{Show, entered, show_value};
use crate::studio::Studio;

/// Weight, active steps, colour, and what can be done with its pixels.
#[component]
pub fn RegionDetails(id: RegionId, region: Memo<Option<Region>>) -> AnyView {
    let studio = expect_context::<Studio>();
    let read = move |get: fn(&Region) -> f64| region.with(|region| region.as_ref().map_or(0.0, get));
    let window = move |start: Option<f64>, end: Option<f64>| {
        let now = untrack(|| (read(|region| region.start), read(|region| region.end)));
        studio.region(RegionEdit::Window { id, start: start.unwrap_or(now.0), end: end.unwrap_or(now.1) });
    };
    let others = move || {
        studio
            .regions
            .with(|all| all.iter().map(|region| region.id).filter(|other| *other != id).collect::<Vec<_>>())
    };
    // Merging takes a choice and a press: in a closed select, each arrow key makes another choice.
    let target = RwSignal::new(None::<RegionId>);
    let choose = move |event| target.set(event_target_value(&event).parse().ok().and_then(RegionId::new));
    let merge = move |_| {
        if let Some(into) = target.get_untracked() {
            studio.region(RegionEdit::Merge { from: id, into });
        }
    };
    let color =
        move || region.with(|region| region.as_ref().map_or_else(String::new, |it| palette::hex(it.color)));
    let recolor = move |event| {
        if let Some(color) = palette::from_hex(&event_target_value(&event)) {
            studio.region(RegionEdit::Recolor(id, color));
        }
    };
    let place = move || studio.regions.with(|all| all.iter().position(|region| region.id == id));
    let reorder = move |by: isize| {
        if let Some(to) = untrack(place).and_then(|at| at.checked_add_signed(by)) {
            studio.region(RegionEdit::Reorder { id, to });
        }
    };
    let edit =
        move |edit: fn(RegionId) -> RegionEdit| -> Press { Box::new(move |_| studio.region(edit(id))) };
    let alone = move || studio.highlight.get() == Some(id);
    view! {
        <div class="region-details">
            {slider(
                region,
                ("Weight", "How firmly this region is kept, beside the others"),
                (*limits::WEIGHT.end(), "0.1"),
                |region| region.weight,
                |weight| format!("{weight:.1}"),
                Box::new(move |weight| studio.region(RegionEdit::Weight(id, weight))),
            )}
            {slider(
                region,
                ("Active from", "Share of all steps after which it begins to count"),
                (*limits::SHARE.end(), "0.05"),
                |region| region.start,
                share,
                Box::new(move |start| window(Some(start), None)),
            )}
            {slider(
                region,
                ("Active until", "Share of all steps after which it counts no more"),
                (*limits::SHARE.end(), "0.05"),
                |region| region.end,
                share,
                Box::new(move |end| window(None, Some(end))),
            )}
            <label>
                <span>"Colour"</span>
                <input type="color" title="Its colour in the drawing; the picture does not depend on it" prop:value=color on:input=recolor />
            </label>
            <div class="region-actions">
                <button
                    type="button"
                    class="chip"
                    title="Fades the other regions on the canvas"
                    aria-pressed=move || alone().to_string()
                    on:click=move |_| studio.send(Message::Highlight((!untrack(alone)).then_some(id)))
                >
                    "Highlight"
                </button>
                <Show when=move || id != RegionId::BACKGROUND>
                    <Chip name="Clear" title="Its pixels become background" press=edit(RegionEdit::Clear) />
                    <Chip name="Invert" title="Changes places with the background" press=edit(RegionEdit::Invert) />
                    <Chip
                        name="Earlier"
                        title="Earlier in the list and, while the full text follows the regions, there"
                        off=Box::new(move || place().is_none_or(|at| at < 2))
                        press=Box::new(move |_| reorder(-1))
                    />
                    <Chip
                        name="Later"
                        title="Later in the list and, while the full text follows the regions, there"
                        off=Box::new(move || place().is_none_or(|at| at + 1 >= studio.regions.with(Vec::len)))
                        press=Box::new(move |_| reorder(1))
                    />
                    <select class="chip" aria-label="Merge into" title="The region that is to have its pixels" on:change=choose>
                        <option value="">"Merge into…"</option>
                        {move || {
                            others()
                                .into_iter()
                                .map(|other| view! { <option value=other.number()>{other.to_string()}</option> })
                                .collect_view()
                        }}
                    </select>
                    <Chip
                        name="Merge"
                        title="Gives its pixels to the region that was chosen, which stays"
                        off=Box::new(move || target.get().is_none())
                        press=Box::new(merge)
                    />
                    <Chip name="Delete" title="Goes with its text; its pixels become background" danger=true press=edit(RegionEdit::Remove) />
                </Show>
            </div>
        </div>
    }
    .boxed()
}

fn share(of_steps: f64) -> String {
    format!("{:.0} % of the steps", 100.0 * of_steps)
}

/// A slider from 0 with its value in words. One function for all sliders, to keep the WASM bundle small.
fn slider(
    region: Memo<Option<Region>>,
    (name, title): (&'static str, &'static str),
    (max, step): (f64, &'static str),
    get: fn(&Region) -> f64,
    said: fn(f64) -> String,
    set: Box<dyn Fn(f64)>,
) -> AnyView {
    let value = move || region.with(|region| region.as_ref().map_or(0.0, get));
    let change = move |event| {
        entered(&event).into_iter().for_each(&set);
        show_value(&event, || value().to_string());
    };
    view! {
        <label>
            <span>{name}</span>
            <input
                type="range"
                min="0"
                max=max
                step=step
                title=title
                prop:value=move || value().to_string()
                on:input=change
            />
            <span class="value" aria-hidden="true">{move || said(value())}</span>
        </label>
    }
    .boxed()
}
