//! The keyboard focus.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, FocusOptions, HtmlElement, HtmlInputElement};

/// CSS selector of the elements that take the focus.
const TAKES_IT: &str = ":is(button, input, select, textarea, canvas, a):not(:disabled, [tabindex='-1'])";

/// Focuses the first element that matches a CSS selector, without scrolling.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus_on(&element);
    }
}

/// A number that is being typed takes effect when its field is left: leaves and enters the one that has the focus.
pub fn commit_number() {
    let focused = document().active_element().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = focused.filter(|field| field.type_() == "number") {
        let _ = field.blur();
        let _ = field.focus();
    }
}

/// From now on keeps the focus near a pressed control that is removed, moved or disabled by the press:
/// otherwise keyboard users would have to start again at the top of the page.
pub fn keep_focus() {
    let pressed = Closure::<dyn FnMut(Event)>::new(|_| {
        let focused = || document().active_element().filter(|element| element.tag_name() != "BODY");
        let Some(pressed) = focused() else { return };
        let path: Vec<Element> = std::iter::successors(Some(pressed), |it| it.parent_element()).collect();
        request_animation_frame(move || {
            // A disabled element keeps the focus only until the next frame.
            let has_focus = || focused().is_some_and(|now| !now.matches(":disabled").unwrap_or(false));
            for element in path {
                if has_focus() {
                    break;
                }
                let usable = element.matches(TAKES_IT).unwrap_or(false);
                let near =
                    if usable { Some(element) } else { element.query_selector(TAKES_IT).ok().flatten() };
                near.iter().for_each(focus_on);
            }
        });
    });
    // In the capture phase: before handlers change the page.
    let _ =
        document().add_event_listener_with_callback_and_bool("click", pressed.as_ref().unchecked_ref(), true);
    // Lives as long as the page.
    pressed.forget();
}

/// Focuses an element without scrolling.
pub fn focus_on(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
}
