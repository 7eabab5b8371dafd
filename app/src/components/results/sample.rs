//! One picture of a job, finished or in progress.

use api::Job;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::boxed::Boxed;
use crate::client;
use crate::components::icons::Icon;
use crate::components::regions::Swatch;
use crate::show::{Changing, Show, changing};
use crate::studio::{Seen, Studio};

/// The finished picture; until then its latest preview, in one element that shows each in turn.
#[component]
pub fn Sample(job: Memo<Option<Job>>, sample: u32) -> Changing {
    let studio = expect_context::<Studio>();
    // Its size, and its address once it is finished; `None` if no picture will come.
    let picture = Memo::new(move |_| {
        job.with(|job| {
            let job = job.as_ref()?;
            let path = (sample < job.pictures).then(|| client::picture_path(&job.id, sample));
            (path.is_some() || !job.state.is_final()).then_some((job.width, job.height, path))
        })
    });
    let preview = move || {
        let current = studio.jobs.current.with(|current| Some(current.as_ref()?.id.clone()));
        let shown = job.with(|job| Some(job.as_ref()?.id.clone()));
        let known = studio.jobs.previews.with(|previews| previews.get(sample as usize).cloned());
        known.filter(|preview| current == shown && !preview.is_empty())
    };
    let begun = Memo::new(move |_| preview().is_some());
    changing(move || {
        let (width, height, path) = picture.get()?;
        Some(match path {
            Some(path) => view! { <Done job sample path width height /> }.boxed(),
            None => view! {
                <div class="sample waiting">
                    // As large as the picture will be, so that nothing moves when it arrives.
                    <svg viewBox=format!("0 0 {width} {height}") aria-hidden="true" focusable="false"></svg>
                    <Show when=move || begun.get()>
                        <img class="preview" src=preview alt=format!("Preview of picture {}", sample + 1) />
                    </Show>
                </div>
            }
            .boxed(),
        })
    })
}

/// The link that saves a picture.
pub fn download(job: &Job, sample: u32) -> AnyView {
    let name = format!("{}-{sample}.png", job.seed);
    view! {
        <a class="icon-button" href=client::picture_path(&job.id, sample) download=name title="Download" aria-label=format!("Download picture {}", sample + 1)>
            <Icon name="download" />
        </a>
    }
    .boxed()
}

#[component]
fn Done(job: Memo<Option<Job>>, sample: u32, path: String, width: u32, height: u32) -> AnyView {
    let studio = expect_context::<Studio>();
    let alt = job.with_untracked(|job| job.as_ref().map(|job| job.prompt.clone()).unwrap_or_default());
    let see = move |_| {
        if let Some(job) = job.get_untracked() {
            studio.jobs.seen.set(Some(Seen { job, sample, beside: None }));
        }
    };
    let region = Memo::new(move |_| studio.find_region(studio.selected.get()));
    let repainted = path.clone();
    let repaint = move |_| studio.repaint(repainted.clone(), (width, height));
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
                <img src=path alt=alt width=width height=height />
            </button>
            <div class="sample-actions">
                <button
                    type="button"
                    class="chip repaint"
                    title="Paints the selected region and a little around it anew, with another seed; the rest stays"
                    prop:disabled=move || studio.jobs.is_busy()
                    on:click=repaint
                >
                    <Swatch region />
                    <span>
                        {move || region.with(|region| region.as_ref().map(|it| format!("Repaint {}", it.called())))}
                        <span class="visually-hidden">{format!(" in picture {}", sample + 1)}</span>
                    </span>
                </button>
                {job.get_untracked().map(|job| download(&job, sample))}
                <button type="button" class="icon-button" title="Copy" aria-label=format!("Copy picture {}", sample + 1) on:click=copy>
                    <Icon name="copy" />
                </button>
            </div>
        </div>
    }
    .boxed()
}
