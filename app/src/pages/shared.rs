//! A shared generation: to view, and to open a copy of.

use api::Job;
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::GenerationRequest;

use crate::boxed::Boxed;
use crate::client;
use crate::client::storage::{COPY, TAB};
use crate::components::results::readable;
use crate::components::site_header::SiteHeader;
use crate::show::changing;
use crate::studio::Studio;

/// The page of a permalink; complete without JavaScript, except for the copy.
#[component]
pub fn Shared(token: String, job: Job) -> AnyView {
    let path = format!("{}/shared/{token}", api::ROOT);
    let problem = RwSignal::new(None::<String>);
    let request_path = format!("{path}/request");
    let copy = move |_| {
        let path = request_path.clone();
        spawn_local(async move {
            let request = client::get::<GenerationRequest>(&path).await.map_err(|failure| failure.message);
            match request.and_then(keep) {
                Ok(()) => {
                    let _ = location().assign("/");
                }
                Err(message) => problem.set(Some(message)),
            }
        });
    };
    let prompt = readable(&job.prompt);
    view! {
        <SiteHeader />
        <main class="page narrow shared">
            <h1>"Shared picture"</h1>
            <p class="lead">{prompt.clone()}</p>
            <div class="samples">
                {(0..job.pictures)
                    .map(|sample| view! { <img src=format!("{path}/pictures/{sample}") alt=prompt.clone() /> })
                    .collect_view()}
            </div>
            <p class="caption">{format!("Seed {} · {} × {}", job.seed, job.width, job.height)}</p>
            <p class="needs-script">
                <button type="button" class="button" on:click=copy>
                    "Open a copy"
                </button>
            </p>
            <p class="hint needs-script">
                "The copy takes the place of the drawing in your studio, where Undo brings that back."
            </p>
            {changing(move || Some(view! { <p class="wrong" role="alert">{problem.get()?}</p> }.boxed()))}
            <p>
                <a class="plain" href="/">"To the studio"</a>
            </p>
        </main>
    }
    .boxed()
}

/// Saves the request where the studio looks when it opens.
fn keep(request: GenerationRequest) -> Result<(), String> {
    let text = Studio::read_request(&request)?;
    if TAB.save(COPY, &text) { Ok(()) } else { Err("this browser does not keep anything".to_owned()) }
}
