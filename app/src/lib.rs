//! The studio's pages and components, compiled twice: to HTML on the server (`ssr`), to WASM for the browser (`hydrate`).

mod boxed;
mod client;
mod components;
mod pages;
mod png_text;
mod serverfns;
mod shell;
mod studio;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

pub use serverfns::status::{Model, Status};
pub use shell::shell;

/// The whole application: its routes and what every page shares.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    mark_hydrated();
    view! {
        <Title formatter=|page: String| match page.as_str() {
            "" => "DenseDiffusion".to_owned(),
            page => format!("{page} · DenseDiffusion"),
        } />
        <Router>
            <Routes fallback=pages::not_found::NotFound>
                // Async: without JavaScript, too, the page arrives complete.
                <Route path=path!("/") view=pages::home::Home ssr=SsrMode::Async />
                <Route path=path!("/shared/:token") view=pages::shared::Shared ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// Sets `data-hydrated` on the body once the browser's code has taken over. Effects do not run on the server.
fn mark_hydrated() {
    Effect::new(|_| {
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "");
        }
    });
}
