//! Generate and cancel.

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::icons::Icon;
use crate::components::results::Progress;
use crate::show::{Show, changing};
use crate::studio::Studio;

/// The button, how far it is, and what was wrong.
#[component]
pub fn GenerateBar() -> AnyView {
    let studio = expect_context::<Studio>();
    let jobs = studio.jobs;
    let busy = Memo::new(move |_| jobs.is_busy());
    view! {
        <div class="generate-bar">
            <Show when=move || !busy.get()>
                <button
                    type="button"
                    class="button generate"
                    title="Generate (Ctrl Enter)"
                    on:click=move |_| studio.generate()
                >
                    <Icon name="spark" />
                    "Generate"
                </button>
            </Show>
            <Show when=move || busy.get()>
                <button type="button" class="button generate stop" title="Cancel (Ctrl Enter)" on:click=move |_| jobs.cancel()>
                    "Cancel"
                </button>
            </Show>
            <Progress />
            {changing(move || {
                let failure = jobs.failure.get()?;
                Some(view! { <p class="wrong" role="alert" data-testid="failure">{failure.message}</p> }.boxed())
            })}
        </div>
    }
    .boxed()
}
