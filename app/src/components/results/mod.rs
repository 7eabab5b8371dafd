//! Pictures: in progress, finished, and in full size.

mod actions;
mod compare;
mod overlay;
mod progress;
mod sample;
mod slider;
mod viewer;

use api::State;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::show::{Show, changing};
use crate::studio::Studio;
use actions::JobActions;
pub use progress::{Progress, state_text};
use sample::Sample;
pub use viewer::Viewer;

/// A full text for display: joined texts have a space before each comma, as the original's do.
pub fn readable(prompt: &str) -> String {
    prompt.replace(" , ", ", ")
}

/// The pictures of the job that is shown.
#[component]
pub fn ResultsPanel() -> AnyView {
    let jobs = expect_context::<Studio>().jobs;
    let job = Memo::new(move |_| jobs.shown_job());
    let samples = move || job.with(|job| job.as_ref().map_or(0, |job| job.samples));
    view! {
        <section class="panel results" aria-labelledby="results-title">
            <header class="panel-head">
                <h2 id="results-title">"Result"</h2>
            </header>
            <Show when=move || job.with(Option::is_none)>
                <p class="empty">
                    "Your pictures appear here. Draw two regions, say what they are, and press Generate."
                </p>
            </Show>
            <Show when=move || job.with(Option::is_some)>
                <div class="samples">
                    <For each=move || 0..samples() key=|sample| *sample let:sample>
                        <Sample job sample />
                    </For>
                </div>
                {changing(move || {
                    job.with(|job| {
                        let job = job.as_ref()?;
                        let class = match job.state {
                            State::Failed { .. } => Some("wrong"),
                            State::Cancelled => Some("note"),
                            _ => None,
                        };
                        let said = class.map(|class| view! { <p class=class>{state_text(&job.state)}</p> });
                        let notes = job.notes.iter().map(|note| view! { <p class="note">{note.clone()}</p> });
                        let caption = format!("Seed {} · {} × {}", job.seed, job.width, job.height);
                        Some(
                            view! {
                                {said}
                                {notes.collect_view()}
                                <p class="caption">{readable(&job.prompt)}</p>
                                <p class="caption">{caption}</p>
                            }
                                .boxed(),
                        )
                    })
                })}
                <JobActions job />
            </Show>
        </section>
    }
    .boxed()
}
