//! The sampler.

use editor::Parameter;
use leptos::prelude::*;
use request::Scheduler;

use super::Wrong;
use crate::boxed::Boxed;
use crate::studio::Studio;

/// A choice of samplers.
#[component]
pub fn SamplerField() -> AnyView {
    let studio = expect_context::<Studio>();
    let chosen = move || studio.values.with(|values| values.scheduler);
    let change = move |event| {
        let name = event_target_value(&event);
        let known = Scheduler::ALL.into_iter().find(|scheduler| scheduler.name() == name);
        studio.set(Parameter::Scheduler(known));
    };
    view! {
        <div class="field">
            <label for="scheduler">"Sampler"</label>
            <select id="scheduler" aria-describedby="scheduler-hint" on:change=change>
                {Scheduler::ALL
                    .map(|scheduler| {
                        view! {
                            <option value=scheduler.name() prop:selected=move || chosen() == scheduler>
                                {scheduler.title()}
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
