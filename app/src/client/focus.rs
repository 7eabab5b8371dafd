//! Where the keyboard is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, FocusOptions, HtmlElement};

/// What takes the focus.
const TAKES_IT: &str = ":is(button, input, select, textarea, canvas, a):not(:disabled)";

/// Gives the focus to the first element that a CSS selector finds; the page stays where it is.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus_on(&element);
    }
}

/// From now on the focus stays near what was pressed, where that goes, moves, or is of no more use by being pressed: to begin
/// again at the top of the page would be long for whoever goes by keys.
pub fn keep_focus() {
    let pressed = Closure::<dyn FnMut(Event)>::new(|_| {
        let focused = || document().active_element().filter(|element| element.tag_name() != "BODY");
        let Some(pressed) = focused() else { return };
        let path: Vec<Element> = std::iter::successors(Some(pressed), |it| it.parent_element()).collect();
        request_animation_frame(move || {
            // What is off by now has it only for a moment more.
            let lost = focused().is_none_or(|now| now.matches(":disabled").unwrap_or(false));
            let near = path.into_iter().filter(|_| lost).find_map(|element| {
                let usable = element.matches(TAKES_IT).unwrap_or(false);
                let found = if usable { Some(element) } else { element.query_selector(TAKES_IT).ok()? };
                found.filter(|found| found.is_connected())
            });
            near.iter().for_each(focus_on);
        });
    });
    // Before anybody has heard of it.
    let _ =
        document().add_event_listener_with_callback_and_bool("click", pressed.as_ref().unchecked_ref(), true);
    // For as long as the page is there.
    pressed.forget();
}

/// Gives the focus to an element; the page stays where it is.
pub fn focus_on(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
}
