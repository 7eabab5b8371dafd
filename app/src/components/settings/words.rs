//! The negative text.

use editor::Parameter;
use leptos::prelude::*;

use super::Wrong;
use crate::boxed::Boxed;
use crate::studio::Studio;

/// What the picture should not show.
#[component]
pub fn NegativeField() -> AnyView {
    let studio = expect_context::<Studio>();
    let text = move || studio.values.with(|values| values.negative_prompt.clone());
    let change = move |event| studio.set(Parameter::NegativePrompt(Some(event_target_value(&event))));
    view! {
        <div class="field">
            <label for="negative">"Negative text"</label>
            <textarea id="negative" rows="2" aria-describedby="negative-hint" prop:value=text on:input=change></textarea>
            <p class="hint" id="negative-hint">
                "What the picture should not show; needs a guidance above 1."
            </p>
            <Wrong field="negative_prompt" />
        </div>
    }
    .boxed()
}
