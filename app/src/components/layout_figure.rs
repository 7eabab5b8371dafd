//! A drawn layout with its phrases: the idea in one picture.

use leptos::prelude::*;

/// The phrases of the figure's regions, in the order of their colours.
const PHRASES: [&str; 4] =
    ["a full moon", "an old castle on a hill", "a starry night sky", "a lake with reflections"];

/// A sketched scene of four regions, beside it what each of them shall become.
#[component]
pub fn LayoutFigure() -> impl IntoView {
    view! {
        <figure class="layout-figure">
            <svg viewBox="0 0 320 320" role="img" aria-label="A layout of four drawn regions">
                <rect class="region-3" width="320" height="320" />
                <circle class="region-1" cx="232" cy="78" r="42" />
                <path
                    class="region-2"
                    d="M0 226c44-10 62-38 84-44v-50h-8v-16h12v8h10v-8h12v8h10v-8h12v16h-6v30h18V98l18-22 18 22v64
                    h14v-22h-6v-14h10v7h9v-7h9v7h9v-7h10v14h-6v44c30 10 52 32 90 42H320v24H0z"
                />
                <path class="region-4" d="M0 232c60-14 104 8 160 2s110-12 160-2v88H0z" />
            </svg>
            <figcaption>
                <ol class="phrases">
                    {PHRASES
                        .into_iter()
                        .enumerate()
                        .map(|(at, phrase)| {
                            view! {
                                <li>
                                    <span class=format!("swatch region-{}", at + 1) aria-hidden="true"></span>
                                    {phrase}
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </figcaption>
        </figure>
    }
}
