//! A generation that someone shares: to look at, and to open a copy of.

use api::Job;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use request::GenerationRequest;

use crate::boxed::Boxed;
use crate::client::{self, storage};
use crate::components::site_header::SiteHeader;
use crate::studio::Studio;

/// The page of a permalink.
#[component]
pub fn Shared() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    // Only what a token may consist of: it becomes part of addresses.
    let token: String = token.chars().filter(char::is_ascii_alphanumeric).collect();
    let path = format!("{}/shared/{token}", api::ROOT);
    let job = RwSignal::new(None::<Result<Job, String>>);
    {
        let path = path.clone();
        Effect::new(move |_| {
            let path = path.clone();
            spawn_local(
                async move { job.set(Some(client::get(&path).await.map_err(|failure| failure.message))) },
            );
        });
    }
    view! {
        <Title text="Shared picture" />
        <SiteHeader />
        <main class="page narrow shared">
            <h1>"Shared picture"</h1>
            {move || match job.get() {
                None => view! { <p class="lead">"Someone shares a picture that was painted from a drawn layout."</p> }.boxed(),
                Some(Err(message)) => view! { <p class="wrong" role="alert">{message}</p> }.boxed(),
                Some(Ok(job)) => view! { <SharedJob job path=path.clone() /> }.boxed(),
            }}
            <noscript>
                <p class="note">"Showing it needs JavaScript. The picture itself: "
                    <a href=format!("{}/shared/{token}/pictures/0", api::ROOT)>"open it"</a>
                </p>
            </noscript>
            <p>
                <a class="plain" href="/" rel="external">"To the studio"</a>
            </p>
        </main>
    }
}

#[component]
fn SharedJob(job: Job, path: String) -> AnyView {
    let problem = RwSignal::new(None::<String>);
    let request_path = format!("{path}/request");
    let copy = move |_| {
        let path = request_path.clone();
        spawn_local(async move {
            match client::get::<GenerationRequest>(&path)
                .await
                .map_err(|failure| failure.message)
                .and_then(keep)
            {
                Ok(()) => {
                    let _ = location().assign("/");
                }
                Err(message) => problem.set(Some(message)),
            }
        });
    };
    let prompt = job.prompt.clone();
    view! {
        <p class="lead">{job.prompt}</p>
        <div class="samples">
            {(0..job.pictures)
                .map(|sample| view! { <img src=format!("{path}/pictures/{sample}") alt=prompt.clone() /> })
                .collect_view()}
        </div>
        <p class="caption">{format!("Seed {} · {} × {}", job.seed, job.width, job.height)}</p>
        <p>
            <button type="button" class="button" on:click=copy>
                "Open a copy"
            </button>
        </p>
        <p class="hint">"It takes the place of the drawing in your studio, where Undo brings that back."</p>
        {move || problem.get().map(|problem| view! { <p class="wrong" role="alert">{problem}</p> })}
    }
    .boxed()
}

/// Leaves the request where the studio looks when it opens.
fn keep(request: GenerationRequest) -> Result<(), String> {
    let text = Studio::read_request(&request)?;
    if storage::save(storage::COPY, &text) {
        Ok(())
    } else {
        Err("this browser does not keep anything".to_owned())
    }
}
