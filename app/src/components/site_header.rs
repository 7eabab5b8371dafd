//! The bar at the top of every page.

use leptos::prelude::*;

use super::status_line::StatusLine;

/// Name and mark at the left, the server's state at the right.
#[component]
pub fn SiteHeader() -> impl IntoView {
    view! {
        <header class="site-header">
            <a class="brand" href="/">
                <img src="/favicon.svg" alt="" width="28" height="28" />
                <span>"DenseDiffusion"</span>
            </a>
            <StatusLine />
        </header>
    }
}
