//! A picture in full size.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::compare::Compare;
use super::overlay::LayoutOverlay;
use super::sample::download;
use super::slider::PercentSlider;
use crate::boxed::Boxed;
use crate::client;
use crate::components::chip::IconButton;
use crate::components::icons::Icon;
use crate::show::{Show, changing, modal};
use crate::studio::{Beside, Jobs, Seen, Studio};

/// A dialogue. The arrow keys go to the next picture, so the slider, which needs them itself, must not have
/// the initial focus.
#[component]
pub fn Viewer() -> AnyView {
    let jobs = expect_context::<Studio>().jobs;
    let dialog = modal(Box::new(move || jobs.seen.with(Option::is_some)));
    let opacity = RwSignal::new(0);
    let go = move |by: i64| {
        jobs.seen.update(|seen| {
            if let Some(Seen { job, sample, .. }) = seen {
                let count = i64::from(job.pictures.max(1));
                *sample = (i64::from(*sample) + by).rem_euclid(count) as u32;
            }
        });
    };
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowLeft" if !in_slider(&event) => go(-1),
        "ArrowRight" if !in_slider(&event) => go(1),
        _ => {}
    };
    let several = move || jobs.seen.with(|seen| seen.as_ref().is_some_and(|it| it.job.pictures > 1));
    view! {
        <dialog
            class="viewer"
            node_ref=dialog
            aria-label="Picture in full size"
            on:close=move |_| jobs.seen.set(None)
            on:keydown=keys
        >
            {changing(move || jobs.seen.get().map(|seen| content(jobs, seen, opacity)))}
            <div class="viewer-bar">
                <Show when=several>
                    <IconButton label="Previous picture" title="Previous picture (←)" icon="previous" press=Box::new(move |_| go(-1)) />
                    <IconButton label="Next picture" title="Next picture (→)" icon="next" press=Box::new(move |_| go(1)) />
                </Show>
                {changing(move || jobs.seen.get().map(|seen| download(&seen.job, seen.sample)))}
                <button type="button" class="icon-button" aria-label="Close" title="Close (Escape)" autofocus=true on:click=move |_| jobs.seen.set(None)>
                    <Icon name="close" />
                </button>
            </div>
        </dialog>
    }
    .boxed()
}

/// Arrow keys in a slider belong to it.
fn in_slider(event: &KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    event.target().is_some_and(|target| target.has_type::<web_sys::HtmlInputElement>())
}

fn content(jobs: Jobs, Seen { job, sample, beside }: Seen, opacity: RwSignal<i32>) -> AnyView {
    let ours = client::picture_path(&job.id, sample);
    let plain = jobs.plain.with_untracked(|plain| plain.get(&job.id).cloned());
    let compared = match beside {
        Some(Beside::Before(before)) => {
            Some((before, ["Now", "Before"], ["Painted anew", "The picture before"]))
        }
        Some(Beside::Plain) => plain.map(|plain| {
            let alts = ["Painted with the layout", "Painted without the layout"];
            (client::picture_path(&plain, sample), ["With layout", "Plain"], alts)
        }),
        None => None,
    };
    if let Some((other, names, alts)) = compared {
        return view! { <Compare pictures=[ours, other] names alts /> }.boxed();
    }
    let path = format!("{}/request", client::job_path(&job.id));
    view! {
        <div class="viewed">
            <img src=ours alt=job.prompt.clone() />
            <LayoutOverlay path opacity />
        </div>
        <PercentSlider name="Layout over the picture" title="How opaque the layout is" value=opacity />
    }
    .boxed()
}
