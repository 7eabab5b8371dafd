//! Earlier generations, page by page.

use api::{Job, JobId};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::components::chip::Chip;
use crate::components::results::{readable, state_text};
use crate::show::{Show, changing};
use crate::studio::Studio;

/// The client's generations, newest first.
#[component]
pub fn HistoryPanel() -> AnyView {
    let jobs = expect_context::<Studio>().jobs;
    let ids = Memo::new(move |_| {
        jobs.known.with(|known| known.iter().map(|job| job.id.clone()).collect::<Vec<_>>())
    });
    view! {
        <section class="panel history" aria-labelledby="history-title">
            <header class="panel-head">
                <h2 id="history-title">"History"</h2>
            </header>
            <Show when=move || ids.with(Vec::is_empty)>
                <p class="empty">"What you generate stays here."</p>
            </Show>
            <ul class="history-list">
                <For each=move || ids.get() key=|id| id.0.clone() let:id>
                    <Entry id />
                </For>
            </ul>
            <Show when=move || jobs.more.get()>
                <Chip
                    name="Show older ones"
                    title="The next of what you generated before"
                    press=Box::new(move |_| jobs.load_more())
                />
            </Show>
        </section>
    }
    .boxed()
}

#[component]
fn Entry(id: JobId) -> AnyView {
    let jobs = expect_context::<Studio>().jobs;
    let job = {
        let id = id.clone();
        Memo::new(move |_| jobs.find(&id))
    };
    let this = id.clone();
    let shown = move || jobs.shown.with(|shown| shown.as_ref() == Some(&this));
    let this = id.clone();
    let is_plain = move || jobs.plain.with(|plain| plain.values().any(|plain| *plain == this));
    let show = move |_| jobs.show(id.clone());
    view! {
        <li>
            <button type="button" class="history-entry" title="Shows it above" aria-pressed=move || shown().to_string() on:click=show>
                {changing(move || job.get().map(thumbnail))}
                <Show when=is_plain>
                    <span class="history-plain">"plain"</span>
                </Show>
            </button>
        </li>
    }
    .boxed()
}

fn thumbnail(job: Job) -> AnyView {
    let text = if job.prompt.is_empty() { "without text".to_owned() } else { readable(&job.prompt) };
    if job.pictures > 0 {
        view! { <img src=client::picture_path(&job.id, 0) alt=text loading="lazy" /> }.boxed()
    } else {
        view! { <span class="history-state">{format!("{}: {text}", state_text(&job.state))}</span> }.boxed()
    }
}
