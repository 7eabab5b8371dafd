//! The picture's size.

use leptos::prelude::*;
use request::Size;

use super::Wrong;
use crate::boxed::Boxed;
use crate::components::chip::Chip;
use crate::show::show_value;
use crate::studio::Studio;

/// Aspect ratios on offer: width and height.
const RATIOS: [(i64, i64); 5] = [(1, 1), (4, 3), (3, 4), (16, 9), (9, 16)];

/// Width, height and aspect ratios; the drawing is stretched to fit.
#[component]
pub fn SizeField() -> AnyView {
    let studio = expect_context::<Studio>();
    let side = move |label: &'static str, field: &'static str, get: fn(Size) -> u32| {
        let shown = move || get(studio.picture.get()).to_string();
        let change = move |event: leptos::ev::Event| {
            if let Ok(pixels) = event_target_value(&event).parse::<i64>() {
                let now = studio.picture.get_untracked();
                let (width, height) = (i64::from(now.width()), i64::from(now.height()));
                studio.resize(if field == "width" { (pixels, height) } else { (width, pixels) });
            }
            show_value(&event, shown);
        };
        view! {
            <label for=field>{label}</label>
            <input
                type="number"
                id=field
                min=move || studio.multiple()
                step=move || studio.multiple()
                max=move || studio.longest_side()
                aria-describedby="size-hint"
                prop:value=shown
                on:change=change
            />
        }
    };
    view! {
        <fieldset class="field size">
            <legend>"Picture size in pixels"</legend>
            {side("Width", "width", Size::width)}
            {side("Height", "height", Size::height)}
            <div class="ratios">
                {RATIOS
                    .map(|(width, height)| {
                        view! {
                            <Chip
                                name=format!("{width}:{height}")
                                title="Width to height, with about as many pixels as the model's own size"
                                press=Box::new(move |_| studio.resize_to_ratio(width, height))
                            />
                        }
                    })
                    .collect_view()}
            </div>
            <p class="hint" id="size-hint">
                "The model paints best at its own size; other ratios stretch the drawing."
            </p>
            <Wrong field="width" />
            <Wrong field="height" />
        </fieldset>
    }
    .boxed()
}
