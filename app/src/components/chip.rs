//! Small buttons.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::icons::Icon;

/// The action of a button, boxed to keep the WASM bundle small.
pub type Press = Box<dyn FnMut(MouseEvent) + Send>;
/// Whether a button is disabled.
pub type Off = Box<dyn Fn() -> bool + Send>;

/// A button with a text.
#[component]
pub fn Chip(
    #[prop(into)] name: String,
    title: &'static str,
    press: Press,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] off: Option<Off>,
    /// The action removes something.
    #[prop(optional)]
    danger: bool,
) -> AnyView {
    let off = move || off.as_ref().is_some_and(|off| off());
    view! {
        <button
            type="button"
            class=if danger { "chip danger" } else { "chip" }
            title=title
            prop:disabled=off
            on:click=press
        >
            {icon.map(|name| view! { <Icon name /> })}
            {name}
        </button>
    }
    .boxed()
}

/// A button with an icon only.
#[component]
pub fn IconButton(
    label: &'static str,
    title: &'static str,
    icon: &'static str,
    press: Press,
    #[prop(optional)] off: Option<Off>,
) -> AnyView {
    let off = move || off.as_ref().is_some_and(|off| off());
    view! {
        <button type="button" class="icon-button" title=title aria-label=label prop:disabled=off on:click=press>
            <Icon name=icon />
        </button>
    }
    .boxed()
}
