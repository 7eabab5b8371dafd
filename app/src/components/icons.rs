//! Line icons; their drawings are in `public/icons.svg`.

use leptos::prelude::*;

/// An icon; what it means says the control that it stands in.
#[component]
pub fn Icon(
    /// Which one; nothing is drawn for none.
    name: &'static str,
) -> impl IntoView {
    let drawing = format!("/icons.svg#{}", name.replace(' ', "-"));
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <use_ href=drawing></use_>
        </svg>
    }
}
