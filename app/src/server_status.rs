//! Whether the server answers, and which model it has.

use std::time::Duration;

use api::Status;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client;

/// How often an open page asks for the status.
const REFRESH: Duration = Duration::from_secs(10);
/// How often while the model loads, and after a request that went unanswered.
const LOADING: Duration = Duration::from_secs(2);

/// The server's state; `None` if it does not answer.
#[derive(Clone, Copy)]
pub struct ServerStatus(pub RwSignal<Option<Status>>);

impl ServerStatus {
    /// A request went unanswered: asks whether the server is down or an answer got lost. A server that is
    /// known to be down is being asked already.
    pub fn doubt(self) {
        if self.0.with_untracked(Option::is_some) {
            self.ask_until_answered();
        }
    }

    fn ask_until_answered(self) {
        spawn_local(async move {
            match ask().await {
                Some(status) if self.0.with_untracked(Option::is_none) => self.0.set(Some(status)),
                Some(_) => {}
                None => {
                    self.0.set(None);
                    set_timeout(move || self.ask_until_answered(), LOADING);
                }
            }
        });
    }
}

/// Starts with the status that came with the page, and keeps it fresh while the page is open.
pub fn provide_status(status: Status) {
    let known = RwSignal::new(Some(status));
    provide_context(ServerStatus(known));
    Effect::new(move |_| wait(known));
}

fn wait(known: RwSignal<Option<Status>>) {
    let loading = known.with_untracked(|status| status.as_ref().is_some_and(|status| status.model.is_none()));
    let again = move || {
        spawn_local(async move {
            known.set(ask().await);
            wait(known);
        });
    };
    set_timeout(again, if loading { LOADING } else { REFRESH });
}

async fn ask() -> Option<Status> {
    client::get(&format!("{}/status", api::ROOT)).await.ok()
}
