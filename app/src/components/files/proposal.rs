//! A layout picture, before it takes the drawing's place.

use editor::palette;
use leptos::html::{Canvas, Dialog};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::show::changing;
use crate::studio::{Proposal, Studio};

/// What was found in the picture, and how strictly colours are told apart.
#[component]
pub fn ProposalDialog() -> AnyView {
    let studio = expect_context::<Studio>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (studio.proposal.with(Option::is_some), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let found = Memo::new(move |_| studio.proposal.with(|proposal| proposal.as_ref().map(Proposal::import)));
    let tolerant = move || studio.proposal.with(|proposal| proposal.as_ref().is_some_and(|it| it.tolerant));
    let change = move |event| {
        let tolerant = event_target_checked(&event);
        studio.proposal.update(|proposal| {
            if let Some(proposal) = proposal {
                proposal.tolerant = tolerant;
            }
        });
    };
    let preview = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        if let (Some(canvas), Some(Ok(import))) = (preview.get(), found.get()) {
            let (width, height) = (import.layout().width(), import.layout().height());
            client::paint(&canvas, width, height, &import.preview_rgba());
        }
    });
    let accept = move |_| {
        if let Some(proposal) = studio.proposal.get_untracked() {
            studio.accept(&proposal);
        }
    };
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="proposal-title" on:close=move |_| studio.proposal.set(None)>
            <h2 id="proposal-title">"Open as a layout"</h2>
            {changing(move || match found.get()? {
                Ok(import) => {
                    let regions = import.colors().len();
                    Some(
                        view! {
                            <p data-testid="found">{format!("{regions} regions found, the background among them.")}</p>
                            <canvas class="found-layout" node_ref=preview role="img" aria-label="What was found"></canvas>
                            <ul class="found-colors" aria-label="Colours found">
                                {import.colors().iter().map(|color| view! { <Found color=color.rgb /> }).collect_view()}
                            </ul>
                        }
                            .boxed(),
                    )
                }
                Err(problem) => Some(view! { <p class="wrong" role="alert">{problem}</p> }.boxed()),
            })}
            <label class="check">
                <input type="checkbox" prop:checked=tolerant on:change=change />
                <span>"Take similar colours for one"</span>
            </label>
            <p class="hint">"Blurred edges join the nearest region; without it every single colour is a region."</p>
            <div class="dialog-actions">
                <button type="button" class="chip" on:click=move |_| studio.proposal.set(None)>
                    "Leave it"
                </button>
                <button
                    type="button"
                    class="button"
                    prop:disabled=move || !found.with(|found| matches!(found, Some(Ok(_))))
                    on:click=accept
                >
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
