//! The bar at the top of every page.

use leptos::prelude::*;

use super::status_line::StatusLine;
use crate::boxed::Boxed;

/// Name and mark at the left, the server's state at the right.
#[component]
pub fn SiteHeader() -> AnyView {
    view! {
        <header class="site-header">
            <a class="brand" href="/">
                <img src="/favicon.svg" alt="" width="28" height="28" />
                <span>"DenseDiffusion"</span>
            </a>
            <StatusLine />
        </header>
    }
    .boxed()
}
