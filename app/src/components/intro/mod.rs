//! What the studio is, and examples to start from: complete without JavaScript.

mod figure;
mod published;

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client::storage::{AWAY, BROWSER, OPEN, WELCOMED};
use crate::studio::Studio;
use crate::studio::examples::{EXAMPLES, Example};
use figure::ExampleFigure;
use published::Published;

/// Title and text of each step from sketch to picture.
const STEPS: [(&str, &str); 4] = [
    ("Sketch", "a region for each thing."),
    ("Label", "it: “a red balloon”, “a dog”."),
    ("Adjust", "the text that joins them."),
    ("Generate", "and tune how it follows."),
];

/// Title and steps, which the user can hide, and the examples.
#[component]
pub fn Intro() -> AnyView {
    let folded = RwSignal::new(false);
    // After hydration, so that server and browser start from the same HTML.
    Effect::new(move |_| folded.set(BROWSER.load(WELCOMED).is_some_and(|kept| kept == AWAY)));
    let fold = move |_| {
        let now = !folded.get_untracked();
        BROWSER.save(WELCOMED, if now { AWAY } else { OPEN });
        folded.set(now);
    };
    view! {
        <section class="intro" class:folded=move || folded.get() aria-labelledby="title">
            <div class="intro-head">
                <h1 id="title">"Draw where. Say what."</h1>
                <button type="button" class="plain needs-script" aria-expanded=move || (!folded.get()).to_string() on:click=fold>
                    {move || if folded.get() { "Introduction and examples" } else { "Hide" }}
                </button>
            </div>
            <div class="intro-body">
                <p class="lead">
                    "DenseDiffusion paints each thing where you drew it, by steering the model’s attention: Stable
                    Diffusion as it is, no training, no extra network."
                </p>
                <ol class="steps">
                    {STEPS
                        .map(|(title, text)| {
                            view! {
                                <li>
                                    <strong>{title}</strong>
                                    " "
                                    <span>{text}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
                <noscript>
                    <p class="note">
                        "Drawing needs JavaScript, which is switched off in this browser. These are the examples that
                        the studio opens with one click."
                    </p>
                </noscript>
                <h2 class="visually-hidden">"Examples"</h2>
                <ul class="examples">{EXAMPLES.iter().map(|example| view! { <ExampleCard example /> }).collect_view()}</ul>
                <Published />
            </div>
        </section>
    }
    .boxed()
}

#[component]
fn ExampleCard(example: &'static Example) -> AnyView {
    let studio = expect_context::<Studio>();
    let texts = std::iter::once(example.background).chain(example.regions.iter().map(|(text, _)| *text));
    view! {
        <li class="example">
            <button
                type="button"
                class="example-open"
                aria-label=format!("Open the example {}", example.title)
                on:click=move |_| studio.open_example(example)
            >
                <img class="example-picture" src=example.picture() alt=format!("Painted: {}", example.title) width="256" height="256" />
                <ExampleFigure example />
            </button>
            <div class="example-words">
                <h3>{example.title}</h3>
                <p class="example-text">{texts.collect::<Vec<_>>().join(", ")}</p>
                <button
                    type="button"
                    class="chip needs-script"
                    aria-label=format!("Paint it: {}", example.title)
                    on:click=move |_| studio.paint_example(example)
                >
                    "Paint it"
                </button>
            </div>
        </li>
    }
    .boxed()
}
