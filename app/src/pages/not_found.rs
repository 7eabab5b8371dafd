//! The page for unknown addresses.

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::site_header::SiteHeader;

/// Says that there is no such page, and where to go.
#[component]
pub fn NotFound() -> AnyView {
    view! {
        <SiteHeader />
        <main class="page narrow">
            <h1>"There is no such page"</h1>
            <p class="lead">"The address may be mistyped, or what it showed was deleted."</p>
            <p>
                <a class="button" href="/">
                    "To the start page"
                </a>
            </p>
        </main>
    }
    .boxed()
}
