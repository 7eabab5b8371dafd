//! The sampler, and the settings that only some samplers have.

use editor::Parameter;
use leptos::prelude::*;
use request::Scheduler;

use super::Wrong;
use super::number::NumberField;
use crate::boxed::Boxed;
use crate::show::Show;
use crate::studio::Studio;
use crate::studio::settings::ETA;

/// A choice of samplers; below it, the noise schedule or DDIM's eta.
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
                "How the noise is removed step by step; DDIM is what the paper used. LCM is for LoRAs made for it, with 4 to 8 steps."
            </p>
            <Wrong field="scheduler" />
        </div>
        <Show when=move || chosen().has_karras()>
            <KarrasField />
        </Show>
        <Show when=move || chosen().has_eta()>
            <NumberField number=ETA />
        </Show>
    }
    .boxed()
}

/// Whether to use Karras noise levels, named as in the Stable Diffusion web UI.
#[component]
fn KarrasField() -> AnyView {
    let studio = expect_context::<Studio>();
    let karras = move || studio.values.with(|values| values.karras == Some(true));
    let change = move |event| {
        let wanted = event_target_value(&event) == "karras";
        studio.set(Parameter::Karras(Some(wanted)));
    };
    view! {
        <div class="field">
            <label for="karras">"Schedule type"</label>
            <select id="karras" aria-describedby="karras-hint" on:change=change>
                <option value="uniform" prop:selected=move || !karras()>
                    "Uniform"
                </option>
                <option value="karras" prop:selected=karras>
                    "Karras"
                </option>
            </select>
            <p class="hint" id="karras-hint">
                "Karras takes more of the steps where little noise is left."
            </p>
        </div>
    }
    .boxed()
}
