//! A layout picture, before it replaces the drawing.

use editor::palette;
use leptos::html::Canvas;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::components::chip::Chip;
use crate::show::{Show, changing, modal};
use crate::studio::{Proposal, Studio};

/// The largest tolerance: a quarter of a channel's range.
const MOST: u8 = 64;

/// Shows what was found in the picture, and sets how strictly colours are told apart.
#[component]
pub fn ProposalDialog() -> AnyView {
    let studio = expect_context::<Studio>();
    let dialog = modal(Box::new(move || studio.proposal.with(Option::is_some)));
    let tolerance = move || studio.proposal.with(|proposal| proposal.as_ref().map_or(0, Proposal::tolerance));
    let change = move |event| {
        let tolerance = event_target_value(&event).parse();
        studio.proposal.update(|proposal| {
            if let (Some(proposal), Ok(tolerance)) = (proposal, tolerance) {
                proposal.set_tolerance(tolerance);
            }
        });
    };
    let found = Memo::new(move |_| studio.proposal.with(|proposal| proposal.as_ref().map(Proposal::import)));
    let is_layout = move || found.with(|found| matches!(found, Some(Ok(_))));
    let said = move || {
        found.with(|found| match found {
            Some(Ok(import)) if import.colors().len() == 1 => {
                "1 region found: the background alone.".to_owned()
            }
            Some(Ok(import)) => {
                format!("{} regions found, the background among them.", import.colors().len())
            }
            Some(Err(problem)) => problem.clone(),
            None => String::new(),
        })
    };
    let preview = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = preview.get() else { return };
        found.with(|found| {
            if let Some(Ok(import)) = found {
                let (width, height) = (import.layout().width(), import.layout().height());
                client::paint(&canvas, width, height, &import.preview_rgba());
            }
        });
    });
    let colors = move || {
        found.with(|found| {
            let import = found.as_ref()?.as_ref().ok()?;
            Some(
                import
                    .colors()
                    .iter()
                    .map(|color| view! { <Found color=color.rgb /> })
                    .collect_view()
                    .boxed(),
            )
        })
    };
    let accept = move |_| {
        if let Some(proposal) = studio.proposal.get_untracked() {
            studio.accept(&proposal);
        }
    };
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="proposal-title" on:close=move |_| studio.proposal.set(None)>
            <h2 id="proposal-title">"Open as a layout"</h2>
            <label class="viewer-slider tolerance">
                <span>"Tolerance"</span>
                <input
                    type="range"
                    min="0"
                    max=MOST
                    aria-describedby="tolerance-hint"
                    prop:value=move || tolerance().to_string()
                    on:input=change
                />
                <span class="value" aria-hidden="true">{tolerance}</span>
            </label>
            <p class="hint" id="tolerance-hint">
                "Colours that differ by no more than this, of 255, are one region, and blurred edges join the nearest. 0: every single colour is a region."
            </p>
            <div class="found">
                <p class:wrong=move || !is_layout() role="status" data-testid="found">{said}</p>
                <Show when=is_layout>
                    <canvas class="found-layout" node_ref=preview role="img" aria-label="What was found"></canvas>
                    <ul class="found-colors" aria-label="Colours found">{changing(colors)}</ul>
                </Show>
            </div>
            <div class="dialog-actions">
                <Chip name="Cancel" title="Your drawing stays" press=Box::new(move |_| studio.proposal.set(None)) />
                <button type="button" class="button" title="It takes the drawing's place; Undo brings that back" prop:disabled=move || !is_layout() on:click=accept>
                    "Open"
                </button>
            </div>
        </dialog>
    }
    .boxed()
}

#[component]
fn Found(color: palette::Rgb) -> impl IntoView {
    let color = palette::hex(color);
    view! {
        <li>
            <svg viewBox="0 0 24 24" width="28" height="28" role="img" aria-label=color.clone()>
                <rect width="24" height="24" fill=color.clone() />
            </svg>
        </li>
    }
}
