//! The studio's pages and components, compiled twice: to HTML on the server (`ssr`), to WASM for the browser (`hydrate`).

mod boxed;
mod client;
mod components;
mod page;
mod pages;
mod png_text;
mod server_status;
mod shell;
mod show;
mod studio;
mod zip;

use boxed::Boxed;
use leptos::prelude::*;
use leptos::server::SharedValue;

pub use page::{Content, Page};
pub use shell::shell;

/// The whole application: the page that the server provides as context, which the browser hydrates. Links
/// load a page from the server.
#[component]
pub fn App() -> AnyView {
    let Page { status, content } =
        SharedValue::new(|| use_context::<Page>().unwrap_or_default()).into_inner();
    server_status::provide_status(status);
    mark_hydrated();
    match content {
        Content::Studio => view! { <pages::home::Home /> }.boxed(),
        Content::Shared { token, job } => view! { <pages::shared::Shared token job /> }.boxed(),
        Content::NotFound => view! { <pages::not_found::NotFound /> }.boxed(),
    }
}

/// Sets `data-hydrated` on the body after hydration, and enables what was inert until then. Effects do not
/// run on the server.
fn mark_hydrated() {
    Effect::new(|_| {
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "");
            let waits = body.query_selector("[inert]").ok().flatten();
            waits.iter().for_each(|waits| drop(waits.remove_attribute("inert")));
        }
    });
}
