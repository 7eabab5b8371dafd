//! Whether the server answers, and which model it has.

use std::time::Duration;

use api::Status;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client;

/// How often an open page asks again.
const REFRESH: Duration = Duration::from_secs(10);
/// How often while the model is not there yet.
const LOADING: Duration = Duration::from_secs(2);

/// The server's state; `None` if it does not answer.
#[derive(Clone, Copy)]
pub struct ServerStatus(pub RwSignal<Option<Status>>);

/// Begins with what the server said with the page, and keeps it fresh while the page is open.
pub fn provide_status(status: Status) {
    let known = RwSignal::new(Some(status));
    provide_context(ServerStatus(known));
    Effect::new(move |_| wait(known));
}

fn wait(known: RwSignal<Option<Status>>) {
    let loading = known.with_untracked(|status| status.as_ref().is_some_and(|status| status.model.is_none()));
    let ask = move || {
        spawn_local(async move {
            known.set(client::get(&format!("{}/status", api::ROOT)).await.ok());
            wait(known);
        });
    };
    set_timeout(ask, if loading { LOADING } else { REFRESH });
}
