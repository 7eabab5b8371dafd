//! The full text, its phrases in their regions' colours.

use editor::{Region, Segment, TextEdit, palette};
use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use request::MAX_TEXT;
use wasm_bindgen::JsCast;

use crate::boxed::Boxed;
use crate::components::chip::Chip;
use crate::components::settings::Wrong;
use crate::show::{Show, changing};
use crate::studio::Studio;

/// A text field above a copy of its text, in which the phrases are marked.
#[component]
pub fn TextPanel() -> AnyView {
    let studio = expect_context::<Studio>();
    let field = NodeRef::<Textarea>::new();
    let backdrop = NodeRef::<Div>::new();
    let scroll = move |_| {
        if let (Some(field), Some(backdrop)) = (field.get_untracked(), backdrop.get_untracked()) {
            backdrop.set_scroll_top(field.scroll_top());
        }
    };
    let over = move || studio.count().is_some_and(|(used, limit)| used > limit);
    view! {
        <section class="panel full-text" aria-labelledby="text-title">
            <header class="panel-head">
                <h2 id="text-title">"Full text"</h2>
                <span class="tokens" class:over=over data-testid="tokens">
                    {move || studio.count().map(|(used, limit)| format!("{used} / {limit} tokens"))}
                </span>
            </header>
            <div class="marked-text">
                <div class="backdrop" node_ref=backdrop dir="auto" aria-hidden="true">
                    {changing(move || Some(marked(studio).boxed()))}
                </div>
                <textarea
                    node_ref=field
                    id="prompt"
                    rows="4"
                    placeholder="a green meadow, a dog, a red balloon"
                    maxlength=MAX_TEXT
                    aria-labelledby="text-title"
                    aria-describedby="text-hint"
                    spellcheck="false"
                    dir="auto"
                    prop:value=move || studio.text.get()
                    on:input=move |event| studio.write(TextEdit::Full(event_target_value(&event)))
                    on:scroll=scroll
                ></textarea>
            </div>
            <p class="hint" id="text-hint">
                {move || if studio.follows.get() {
                    "Follows the regions' texts until you edit it. Keep each phrase word for word."
                } else {
                    "Edited by hand. "
                }}
                <Show when=move || !studio.follows.get()>
                    <button type="button" class="plain" title="Joins the regions' texts in place of yours" on:click=move |_| studio.write(TextEdit::Follow)>
                        "Follow the regions again"
                    </button>
                </Show>
            </p>
            {changing(move || missing(studio))}
            <Show when=over>
                <p class="note">"The model reads no more than that: what comes last in the text does not count."</p>
            </Show>
            {changing(move || unknown(studio))}
            <Wrong field="prompt" />
        </section>
    }
    .boxed()
}

/// Buttons that insert missing phrases into the full text: for windows too small to show the list of regions,
/// which reports each of them.
fn missing(studio: Studio) -> Option<AnyView> {
    let add = |Region { id, text, .. }: Region| {
        studio.phrase_problem(id).filter(|problem| problem.can_repair).map(|_| {
            let press = Box::new(move |_| studio.write(TextEdit::Repair(id)));
            view! { <Chip name=text title="Writes it into the full text" icon="plus" press /> }
        })
    };
    let chips: Vec<_> = studio.regions.get().into_iter().filter_map(add).collect();
    (!chips.is_empty()).then(|| {
        view! {
            <div class="missing" role="group" aria-label="Missing phrases">
                <span>"Not in the text:"</span>
                {chips}
            </div>
        }
        .boxed()
    })
}

/// The most unknown words that are listed.
const UNKNOWN: usize = 10;

/// Words that the model cannot paint, since it was not trained on them.
fn unknown(studio: Studio) -> Option<AnyView> {
    let mut words = studio.unknown_words();
    (!words.is_empty()).then(|| {
        if words.len() > UNKNOWN {
            words[UNKNOWN] = "…".to_owned();
            words.truncate(UNKNOWN + 1);
        }
        let said = format!(
            "This model was never shown: {}. The regions’ fields list the words that it was.",
            words.join(", ")
        );
        view! { <p class="note">{said}</p> }.boxed()
    })
}

/// The text with its phrases marked.
fn marked(studio: Studio) -> impl IntoView {
    let text = studio.text.get();
    let piece = |segment: Segment| {
        // The two signals are set one after the other, so that a range may not fit yet.
        let piece = text.get(segment.range)?.to_owned();
        let color = studio.regions.with(|regions| {
            regions.iter().find(|region| Some(region.id) == segment.region).map(|region| region.color)
        });
        Some(match color {
            Some(color) => mark(piece, color).boxed(),
            None => piece.boxed(),
        })
    };
    let pieces: Vec<_> = studio.segments.get().into_iter().filter_map(piece).collect();
    // A trailing line break needs something after it.
    (pieces, "\u{200b}")
}

fn mark(phrase: String, color: palette::Rgb) -> impl IntoView {
    let node = NodeRef::<leptos::html::Mark>::new();
    let color = palette::hex(color);
    // Through the element's style object: the page's policy refuses style attributes.
    Effect::new(move |_| {
        if let Some(mark) = node.get() {
            let element: &web_sys::HtmlElement = mark.unchecked_ref();
            let _ = element.style().set_property("--region", &color);
        }
    });
    view! { <mark node_ref=node>{phrase}</mark> }
}
