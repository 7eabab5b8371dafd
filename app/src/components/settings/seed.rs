//! The seed: random or fixed.

use editor::Parameter;
use leptos::prelude::*;

use super::Wrong;
use crate::boxed::Boxed;
use crate::components::icons::Icon;
use crate::show::{changing, show_value};
use crate::studio::Studio;

/// A field, empty for a random seed; beside it the seed that was used last, which can be kept.
#[component]
pub fn SeedField() -> AnyView {
    let studio = expect_context::<Studio>();
    let chosen = move || studio.parameters.with(|set| set.seed);
    let shown = move || chosen().map(|seed| seed.to_string()).unwrap_or_default();
    let set = move |seed: Option<u64>| studio.set(Parameter::Seed(seed));
    // Not a repaint's: without the picture that it repainted, its seed gives another one.
    let is_new = move || studio.jobs.repainted.with(Option::is_none);
    let used = move || studio.jobs.current.with(|job| job.as_ref().filter(|_| is_new()).map(|job| job.seed));
    view! {
        <div class="field seed">
            <label for="seed">"Seed"</label>
            <input
                type="text"
                id="seed"
                inputmode="numeric"
                placeholder="random"
                aria-describedby="seed-hint"
                prop:value=shown
                on:change=move |event| {
                    set(event_target_value(&event).trim().parse().ok());
                    show_value(&event, shown);
                }
            />
            <button
                type="button"
                class="icon-button"
                title="Random seed for each picture"
                aria-label="Random seed for each picture"
                aria-pressed=move || chosen().is_none().to_string()
                on:click=move |_| set(None)
            >
                <Icon name="dice" />
            </button>
            <p class="hint" id="seed-hint">
                "The same seed and settings paint the same picture. "
                {changing(move || {
                    let seed = used()?;
                    Some(
                        view! {
                            <span class="used">"Used last: " <output>{seed.to_string()}</output></span>
                            " "
                            <button type="button" class="plain" title="Paints with this seed from now on" on:click=move |_| set(Some(seed))>
                                "Keep it"
                            </button>
                        }
                            .boxed(),
                    )
                })}
            </p>
            <Wrong field="seed" />
        </div>
    }
    .boxed()
}
