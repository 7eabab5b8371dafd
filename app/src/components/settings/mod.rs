//! The settings besides the drawing and the texts.

mod number;
mod sampler;
mod seed;
mod size;
mod words;

use editor::Parameters;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::show::{Changing, changing};
use crate::studio::Studio;
use crate::studio::settings::{METHOD, PAINTING, SAMPLES};
use number::NumberField;
use sampler::SamplerField;
use seed::SeedField;
use size::SizeField;
use words::NegativeField;

/// The panel with all settings; those of the original demo first, the others collapsed.
#[component]
pub fn SettingsPanel() -> AnyView {
    let studio = expect_context::<Studio>();
    view! {
        <section class="panel settings" aria-labelledby="settings-title">
            <header class="panel-head">
                <h2 id="settings-title">"Settings"</h2>
                <button
                    type="button"
                    class="plain"
                    title="Everything below as the model has it"
                    prop:disabled=move || studio.parameters.with(|set| *set == Parameters::default())
                    on:click=move |_| studio.reset_parameters()
                >
                    "Reset to defaults"
                </button>
            </header>
            {METHOD.map(|number| view! { <NumberField number /> }).collect_view()}
            <NumberField number=SAMPLES />
            <SeedField />
            <details class="more">
                <summary>"Size, steps, sampler, negative text"</summary>
                <SizeField />
                {PAINTING.map(|number| view! { <NumberField number /> }).collect_view()}
                <SamplerField />
                <NegativeField />
            </details>
        </section>
    }
    .boxed()
}

/// What the server found wrong with a field, shown beside it.
#[component]
pub fn Wrong(
    /// The field's name in failures.
    #[prop(into)]
    field: String,
) -> Changing {
    let jobs = expect_context::<Studio>().jobs;
    changing(move || Some(view! { <p class="wrong" role="alert">{jobs.wrong(&field)?}</p> }.boxed()))
}
