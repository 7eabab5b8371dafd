//! The page for addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::site_header::SiteHeader;

/// Says that there is no such page, and where to go.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="No such page" />
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
}
