//! One line about the server: does it answer, which model is loaded.

use std::time::Duration;

use leptos::prelude::*;

use crate::serverfns::status::{Status, read_status};

/// How often an open page asks again.
const REFRESH: Duration = Duration::from_secs(10);

/// Shows the server's state and keeps it fresh while the page is open.
#[component]
pub fn StatusLine() -> impl IntoView {
    let state = Resource::new(|| (), |()| read_status());
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(move || state.refetch(), REFRESH) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <p class="status" role="status">
            <Transition fallback=|| "Asking the server…">
                {move || Suspend::new(async move { line(state.await) })}
            </Transition>
        </p>
    }
}

fn line(state: Result<Status, ServerFnError>) -> impl IntoView {
    let (level, text) = match state {
        Ok(Status { version, model: Some(model) }) => {
            ("ready", format!("Server {version} ready with {}", model.name))
        }
        Ok(Status { version, model: None }) => ("idle", format!("Server {version} ready, no model loaded")),
        Err(_) => ("lost", "The server does not answer".to_owned()),
    };
    view! { <span class="status-text" data-level=level>{text}</span> }
}
