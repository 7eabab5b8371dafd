//! A slider of the full-size viewer.

use leptos::prelude::*;

use crate::boxed::Boxed;

/// A slider from 0 to 100.
#[component]
pub fn PercentSlider(name: &'static str, title: &'static str, value: RwSignal<i32>) -> AnyView {
    let change = move |event| {
        if let Ok(percent) = event_target_value(&event).parse() {
            value.set(percent);
        }
    };
    view! {
        <label class="viewer-slider">
            <span>{name}</span>
            <input
                type="range"
                min="0"
                max="100"
                title=title
                prop:value=move || value.get().to_string()
                on:input=change
            />
        </label>
    }
    .boxed()
}
