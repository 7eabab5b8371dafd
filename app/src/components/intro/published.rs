//! The items of the published benchmark.

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::show::Show;
use crate::studio::Studio;
use crate::studio::published::Item;

/// Shows nothing unless the model can paint them.
#[component]
pub fn Published() -> AnyView {
    let studio = expect_context::<Studio>();
    view! {
        <Show when=move || studio.published.with(|items| !items.is_empty())>
            <details class="published">
                <summary>"Layouts of the paper’s benchmark"</summary>
                <ul class="examples">
                    {move || studio.published.get().into_iter().map(card).collect_view()}
                </ul>
            </details>
        </Show>
    }
    .boxed()
}

fn card(item: Item) -> AnyView {
    let studio = expect_context::<Studio>();
    let (picture, text) = (item.picture(), item.text.clone());
    view! {
        <li class="example">
            <button
                type="button"
                class="example-open"
                aria-label=format!("Open item {}: {}", item.id, item.text)
                on:click=move |_| studio.open_published(item.clone())
            >
                <img class="example-picture" src=picture alt="" width="512" height="512" loading="lazy" />
            </button>
            <p class="example-text">{text}</p>
        </li>
    }
    .boxed()
}
