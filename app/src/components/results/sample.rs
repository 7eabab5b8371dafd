//! One picture of a job, done or on its way.

use api::Job;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Seen;
use crate::boxed::Boxed;
use crate::client;
use crate::components::icons::Icon;
use crate::show::{Changing, Show, changing};
use crate::studio::Studio;

/// The picture once it is done; until then its latest preview, which one element shows one after the other.
#[component]
pub fn Sample(job: Memo<Option<Job>>, sample: u32) -> Changing {
    let studio = expect_context::<Studio>();
    let done = Memo::new(move |_| {
        job.with(|job| {
            job.as_ref().filter(|job| sample < job.pictures).map(|job| client::picture_path(&job.id, sample))
        })
    });
    let ended = move || job.with(|job| job.as_ref().is_none_or(|job| job.state.is_final()));
    let preview = move || {
        let current = studio.jobs.current.with(|current| Some(current.as_ref()?.id.clone()));
        let shown = job.with(|job| Some(job.as_ref()?.id.clone()));
        let known = studio.jobs.previews.with(|previews| previews.get(sample as usize).cloned());
        known.filter(|preview| current == shown && !preview.is_empty())
    };
    let alt = move || job.with(|job| job.as_ref().map(|job| job.prompt.clone()).unwrap_or_default());
    let begun = Memo::new(move |_| preview().is_some());
    changing(move || match done.get() {
        Some(path) => Some(view! { <Done job sample path alt=alt() /> }.boxed()),
        None if ended() => None,
        None => Some(
            view! {
                <div class="sample waiting">
                    <Show when=move || begun.get()>
                        <img class="preview" src=preview alt=format!("Preview of picture {}", sample + 1) />
                    </Show>
                    <Show when=move || !begun.get()>
                        <span class="placeholder">"Not yet begun"</span>
                    </Show>
                </div>
            }
            .boxed(),
        ),
    })
}

/// The link that saves a picture.
pub fn download(job: &Job, sample: u32) -> AnyView {
    let name = format!("{}-{sample}.png", job.seed);
    view! {
        <a class="icon-button" href=client::picture_path(&job.id, sample) download=name title="Download" aria-label="Download">
            <Icon name="download" />
        </a>
    }
    .boxed()
}

#[component]
fn Done(job: Memo<Option<Job>>, sample: u32, path: String, alt: String) -> AnyView {
    let studio = expect_context::<Studio>();
    let see = move |_| {
        if let Some(job) = job.get_untracked() {
            studio.seen.set(Some(Seen { job, sample, compare: false }));
        }
    };
    let copied = path.clone();
    let copy = move |_| {
        let path = copied.clone();
        spawn_local(async move {
            let said = match client::get_bytes(&path).await {
                Ok(bytes) if client::copy_picture(&bytes).await.is_ok() => "Copied".to_owned(),
                Ok(_) => "This browser does not allow copying pictures; use Download".to_owned(),
                Err(failure) => failure.message,
            };
            studio.notice.set(Some(said));
        });
    };
    view! {
        <div class="sample">
            <button type="button" class="picture" aria-label=format!("Picture {} in full size", sample + 1) on:click=see>
                <img src=path alt=alt />
            </button>
            <div class="sample-actions">
                {job.get_untracked().map(|job| download(&job, sample))}
                <button type="button" class="icon-button" title="Copy" aria-label="Copy" on:click=copy>
                    <Icon name="copy" />
                </button>
            </div>
        </div>
    }
    .boxed()
}
