//! A number with a slider and a field.

use leptos::prelude::*;

use super::Wrong;
use crate::boxed::Boxed;
use crate::show::show_value;
use crate::studio::Studio;
use crate::studio::settings::Number;

/// Slider and field of one number; what it does stands below.
#[component]
pub fn NumberField(number: Number) -> AnyView {
    let studio = expect_context::<Studio>();
    let max = move || studio.largest(&number);
    // No more digits than the slider's steps have.
    let value = move || ((studio.values.with(number.get) * 100.0).round() / 100.0).to_string();
    let change = move |event: leptos::ev::Event| {
        let wanted = event_target_value(&event).parse::<f64>().ok().filter(|value| value.is_finite());
        let allowed = wanted.map(|value| value.clamp(number.min, studio.largest(&number)));
        studio.set((number.set)(allowed));
        show_value(&event, value);
    };
    let hint = format!("{}-hint", number.field);
    view! {
        <div class="field number">
            <label for=number.field>{number.label}</label>
            <input
                type="range"
                id=number.field
                aria-describedby=hint.clone()
                min=number.min
                max=max
                step=number.step
                prop:value=value
                on:input=change
            />
            <input
                type="number"
                aria-label=format!("{}, exact", number.label)
                min=number.min
                max=max
                step=number.step
                prop:value=value
                on:change=change
            />
            <p class="hint" id=hint>
                {number.hint}
            </p>
            <Wrong field=number.field />
        </div>
    }
    .boxed()
}
