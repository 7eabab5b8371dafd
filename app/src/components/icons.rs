//! Line icons; their drawings are in `public/icons.svg`.

use leptos::prelude::*;

/// An icon; its control says what it means.
#[component]
pub fn Icon(
    /// The icon's name; nothing is drawn if empty.
    name: &'static str,
) -> impl IntoView {
    let drawing = format!("/icons.svg#{}", name.replace(' ', "-"));
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <use_ href=drawing></use_>
        </svg>
    }
}
