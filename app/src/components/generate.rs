//! Generate and cancel.

use api::Failure;
use editor::RegionId;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::components::icons::Icon;
use crate::components::results::Progress;
use crate::show::changing;
use crate::studio::{Studio, are, listed, name};

/// The server's message about a phrase that the full text does not contain.
const MISSING: &str = "not in the full text";

/// The button, the progress, and what was wrong. One button for both actions, so that it keeps the focus.
#[component]
pub fn GenerateBar() -> AnyView {
    let studio = expect_context::<Studio>();
    let jobs = studio.jobs;
    let busy = Memo::new(move |_| jobs.is_busy());
    let does = move || if busy.get() { "Cancel" } else { "Generate" };
    // The second click of a double click does nothing.
    let press = move |event: MouseEvent| match (event.detail() > 1, busy.get_untracked()) {
        (true, _) => {}
        (_, true) => jobs.cancel(),
        _ => {
            // Not every browser focuses a button that is pressed; pressing it ends text input.
            client::focus(".generate");
            studio.generate();
        }
    };
    view! {
        <div class="generate-bar">
            <button
                type="button"
                class="button generate"
                class:stop=move || busy.get()
                title=move || format!("{} (Ctrl Enter)", does())
                on:click=press
            >
                <Icon name="spark" />
                {does}
            </button>
            <Progress />
            {changing(move || {
                let failure = jobs.failure.get()?;
                Some(view! { <p class="wrong" role="alert" data-testid="failure">{explain(studio, failure)}</p> }.boxed())
            })}
        </div>
    }
    .boxed()
}

/// Words a failure, with its fields named as on the page.
fn explain(studio: Studio, Failure { message, fields }: Failure) -> String {
    if fields.is_empty() {
        return message;
    }
    let region = |field: &str| {
        let at =
            field.strip_prefix("regions[").and_then(|rest| rest.split_once(']'))?.0.parse::<usize>().ok()?;
        studio.regions.with(|regions| regions.get(at).map(|region| region.id))
    };
    // Each region's row shows the closest match.
    let missing = fields.iter().map(|(field, what)| region(field).filter(|_| what.contains(MISSING)));
    if let Some(missing) = missing.collect::<Option<Vec<RegionId>>>() {
        return format!("{} {MISSING}", are(&missing));
    }
    // Fields with the same problem share a sentence.
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (field, what) in fields {
        let own = || match field.as_str() {
            "prompt" => "Full text".to_owned(),
            "inpaint.image" => "This picture".to_owned(),
            field => field.replace('_', " "),
        };
        let called = region(&field).map_or_else(own, name);
        match told.iter_mut().find(|(other, _)| *other == what) {
            Some((_, names)) => names.push(called),
            None => told.push((what, vec![called])),
        }
    }
    let sentence = |(what, names): (String, Vec<String>)| {
        let colon = if names.len() > 1 { ":" } else { "" };
        format!("{}{colon} {what}", listed(names))
    };
    told.into_iter().map(sentence).collect::<Vec<_>>().join("; ")
}
