//! The browser's entry: hydrates the page, nothing else
#![cfg(target_arch = "wasm32")]

/// Takes over the page that the server rendered; called by the page's script.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
