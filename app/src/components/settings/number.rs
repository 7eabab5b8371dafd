//! A number with a slider and a field.

use leptos::prelude::*;

use super::Wrong;
use crate::boxed::Boxed;
use crate::show::{entered, show_value};
use crate::studio::Studio;
use crate::studio::settings::Number;

/// Slider and field of one number; a hint says what it does.
#[component]
pub fn NumberField(number: Number) -> AnyView {
    let studio = expect_context::<Studio>();
    let [least, _] = number.allowed;
    let [start, end] = number.comfort.unwrap_or(number.allowed);
    let most = move || studio.largest(&number);
    let end = move || end.min(most());
    // Rounded to the slider's precision.
    let value = move || (studio.values.with(number.get) * 100.0).round() / 100.0;
    let shown = move || value().to_string();
    let change = move |event: leptos::ev::Event| {
        let allowed = entered(&event).map(|value| value.clamp(least, most()));
        studio.set((number.set)(allowed));
        show_value(&event, shown);
    };
    let hint = format!("{}-hint", number.field);
    view! {
        <div class="field number">
            <label for=number.field>{number.label}</label>
            <input
                type="range"
                id=number.field
                aria-describedby=hint.clone()
                min=start
                max=end
                step=number.step
                // Set again with the end, or a value beyond the former end would stay there.
                prop:value=move || value().min(end()).to_string()
                on:input=change
            />
            <input
                type="number"
                aria-label=format!("{}, exact", number.label)
                aria-describedby=hint.clone()
                min=least
                max=most
                step=number.step
                prop:value=shown
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
