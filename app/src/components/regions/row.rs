//! One region of the list.

use editor::{Message, Region, RegionEdit, RegionId, TextEdit};
use leptos::prelude::*;
use request::MAX_TEXT;

use super::details::RegionDetails;
use super::occurrence::OccurrenceField;
use super::swatch::Swatch;
use crate::boxed::Boxed;
use crate::components::icons::Icon;
use crate::components::settings::Wrong;
use crate::shell::WORDS;
use crate::show::{Show, changing};
use crate::studio::{self, PhraseProblem, Studio};

/// Swatch, text and lock; below, what is wrong with it and, on demand, the details.
#[component]
pub fn RegionRow(id: RegionId) -> AnyView {
    let studio = expect_context::<Studio>();
    let region = studio.watch_region(id);
    let name = move || studio::name(id);
    let locked = move || region.with(|region| region.as_ref().is_some_and(|region| region.locked));
    let selected = move || studio.selected.get() == id;
    let problem = Memo::new(move |_| studio.phrase_problem(id));
    let place = move || studio.regions.with(|all| all.iter().position(|region| region.id == id)).unwrap_or(0);
    let open = RwSignal::new(false);
    view! {
        <li class="region" data-region=id.number() class:selected=selected class:problem=move || problem.with(Option::is_some)>
            <button
                type="button"
                class="swatch-button"
                aria-label=move || format!("Draw {}", name().to_lowercase())
                aria-pressed=move || selected().to_string()
                title="Draw with this region"
                on:click=move |_| studio.send(Message::Select(id))
            >
                <Swatch region />
            </button>
            <input
                type="text"
                class="region-text"
                aria-label=move || format!("{}: text", name())
                placeholder=if id == RegionId::BACKGROUND { "e.g. the beach" } else { "what is here?" }
                maxlength=MAX_TEXT
                list=WORDS
                dir="auto"
                title=move || region.with(|region: &Option<Region>| region.as_ref().map(|it| it.text.clone()))
                aria-invalid=move || problem.with(Option::is_some).to_string()
                aria-describedby=format!("wrong-{}", id.number())
                prop:value=move || region.with(|region: &Option<Region>| region.as_ref().map(|it| it.text.clone()).unwrap_or_default())
                on:input=move |event| studio.region(RegionEdit::Text(id, event_target_value(&event)))
                on:focus=move |_| {
                    // The background is not selected: after labelling it, users draw something else.
                    if id != RegionId::BACKGROUND {
                        studio.send(Message::Select(id));
                    }
                }
                on:blur=move |_| studio.send(Message::Blurred)
            />
            <button
                type="button"
                class="icon-button small"
                aria-label=move || format!("Lock {}", name().to_lowercase())
                title="Lock: keeps its pixels as they are"
                aria-pressed=move || locked().to_string()
                on:click=move |_| studio.region(RegionEdit::Lock(id, !untrack(locked)))
            >
                {changing(move || Some(view! { <Icon name=if locked() { "lock" } else { "unlock" } /> }.boxed()))}
            </button>
            <button
                type="button"
                class="icon-button small"
                aria-label=move || format!("More about {}", name().to_lowercase())
                title="Weight, steps, clear, merge, delete"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name="more" />
            </button>
            {changing(move || {
                let PhraseProblem { said, can_repair } = problem.get()?;
                let repair = move || {
                    view! {
                        <button
                            type="button"
                            class="plain"
                            title="Writes its text into the full text"
                            on:click=move |_| studio.write(TextEdit::Repair(id))
                        >
                            "Add it to the text"
                        </button>
                    }
                };
                Some(view! { <p class="wrong" id=format!("wrong-{}", id.number())>{said} " " {can_repair.then(repair)}</p> }.boxed())
            })}
            <Show when={move || studio.occurrences(id) > 1}>
                <OccurrenceField id />
            </Show>
            <Show when=move || problem.with(Option::is_none)>
                <Wrong field=format!("regions[{}].text", place()) />
            </Show>
            <Show when=move || open.get()>
                <RegionDetails id region />
            </Show>
        </li>
    }
    .boxed()
}
