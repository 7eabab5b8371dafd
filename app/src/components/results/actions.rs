//! Actions on a job's pictures.

use api::{Job, JobId, State};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::chip::{Chip, Press};
use crate::components::icons::Icon;
use crate::studio::{Beside, Seen, Studio};

/// Use its settings, compare, share, delete; all are there from the start, so that nothing below moves.
#[component]
pub fn JobActions(job: Memo<Option<Job>>) -> AnyView {
    let studio = expect_context::<Studio>();
    let jobs = studio.jobs;
    let with_id = move |does: fn(Studio, JobId)| -> Press {
        Box::new(move |_| job.with_untracked(|job| job.iter().for_each(|job| does(studio, job.id.clone()))))
    };
    let with_pictures = move || job.with(|job| job.as_ref().is_some_and(|job| job.pictures > 0));
    let finished = move || job.with(|job| job.as_ref().is_some_and(|job| job.state.is_final()));
    // The plain model's job, and whether it has a counterpart to each of this job's pictures.
    let plain = move || {
        let (own, pictures) = job.with(|job| job.as_ref().map(|job| (job.id.clone(), job.pictures)))?;
        let plain = jobs.find(&jobs.plain.with(|plain| plain.get(&own).cloned())?)?;
        Some((plain.pictures >= pictures, plain))
    };
    // Whether it has yet to be painted, or painted again.
    let lacking = move || {
        plain()
            .is_none_or(|(all, other)| !all && matches!(other.state, State::Failed { .. } | State::Cancelled))
    };
    let compare = move |_| {
        let Some(job) = job.get_untracked() else {
            return;
        };
        match untrack(plain) {
            Some((true, _)) => jobs.seen.set(Some(Seen { job, sample: 0, beside: Some(Beside::Plain) })),
            _ if untrack(lacking) => jobs.compare(job),
            _ => {}
        }
    };
    let compare_label = move || match plain() {
        Some((true, _)) => "Show beside plain",
        Some((_, other)) if !other.state.is_final() => "Painting plain…",
        _ => "Compare",
    };
    let share = move |_| {
        let token = job.with_untracked(|job| job.as_ref().and_then(|job| job.share.clone()));
        if let Some(token) = token {
            studio.share(&token);
        }
    };
    // The first press asks for confirmation; the second must be for the same job and not end a double click.
    let sure = RwSignal::new(None::<JobId>);
    let is_sure = move || sure.with(|sure| job.with(|job| job.as_ref().map(|job| &job.id) == sure.as_ref()));
    let delete = move |event: MouseEvent| {
        if event.detail() > 1 {
            return;
        }
        let Some(id) = job.with_untracked(|job| job.as_ref().map(|job| job.id.clone())) else {
            return;
        };
        if untrack(is_sure) {
            jobs.delete(id);
        } else {
            sure.set(Some(id));
        }
    };
    view! {
        <div class="job-actions">
            <Chip
                name="Open this drawing"
                title="Opens what it was made from; Undo brings your drawing back"
                icon="open"
                press=with_id(Studio::use_settings)
            />
            <button
                type="button"
                class="chip"
                title="Shows it beside what the same seed gives without the layout or, of a repaint, beside the picture before"
                prop:disabled=move || !with_pictures() || !finished() || lacking() && jobs.is_busy()
                on:click=compare
            >
                <Icon name="compare" />
                {compare_label}
            </button>
            <Chip
                name="Permalink"
                title="Copies a link that shows it to others"
                icon="link"
                off=Box::new(move || job.with(|job| job.as_ref().is_none_or(|job| job.share.is_none())))
                press=Box::new(share)
            />
            <button
                type="button"
                class="chip danger"
                title="Deletes its pictures for good"
                prop:disabled=move || !finished()
                on:click=delete
                on:blur=move |_| sure.set(None)
            >
                <Icon name="trash" />
                {move || if is_sure() { "Delete for good?" } else { "Delete" }}
            </button>
        </div>
    }
    .boxed()
}
