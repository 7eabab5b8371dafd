//! The sampler.

use editor::Parameter;
use leptos::prelude::*;

use super::Wrong;
use crate::boxed::Boxed;
use crate::studio::Studio;
use crate::studio::settings::SCHEDULERS;

/// A choice of samplers.
#[component]
pub fn SamplerField() -> AnyView {
    let studio = expect_context::<Studio>();
    let chosen = move || studio.values.with(|values| values.scheduler);
    let change = move |event| {
        let name = event_target_value(&event);
        let known = SCHEDULERS.into_iter().find(|(_, key, _)| *key == name);
        studio.set(Parameter::Scheduler(known.map(|(scheduler, ..)| scheduler)));
    };
    view! {
        <div class="field">
            <label for="scheduler">"Sampler"</label>
            <select id="scheduler" aria-describedby="scheduler-hint" on:change=change>
                {SCHEDULERS
                    .map(|(scheduler, key, name)| {
                        view! {
                            <option value=key prop:selected=move || chosen() == scheduler>
                                {name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <p class="hint" id="scheduler-hint">
                "How the noise is removed step by step; DDIM is what the paper used."
            </p>
            <Wrong field="scheduler" />
        </div>
    }
    .boxed()
}
