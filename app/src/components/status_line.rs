//! One line about the server: whether it answers, and which model is loaded.

use api::Status;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::server_status::ServerStatus;

/// Shows the server's state.
#[component]
pub fn StatusLine() -> AnyView {
    let ServerStatus(known) = expect_context::<ServerStatus>();
    let level = move || {
        known.with(|status| match status {
            Some(Status { model: Some(_), .. }) => "ready",
            Some(Status { problem: None, .. }) => "idle",
            _ => "lost",
        })
    };
    let text = move || {
        known.with(|status| match status {
            Some(Status { model: Some(model), .. }) => {
                format!("Model {model} is ready")
            }
            Some(Status { problem: Some(problem), .. }) => problem.clone(),
            Some(Status { version, .. }) => format!("Server {version} is loading its model"),
            None => "The server does not answer".to_owned(),
        })
    };
    view! {
        <p class="status" role="status">
            <span class="status-text" data-level=level>
                {text}
            </span>
        </p>
    }
    .boxed()
}
