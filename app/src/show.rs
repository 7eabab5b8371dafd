//! Views that appear and disappear, with less WASM than Leptos's own.

use leptos::children::TypedChildrenFn;
use leptos::ev::Event;
use leptos::html::Dialog;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::boxed::Boxed;

/// A view that may be absent, and another one after each change. All are of one type.
pub type Changing = Box<dyn Fn() -> Option<AnyView> + Send>;

/// A view that follows the signals that `view` reads.
pub fn changing(view: impl Fn() -> Option<AnyView> + Send + 'static) -> Changing {
    Box::new(view)
}

/// Shows its children while `when` holds.
#[component]
pub fn Show<C: IntoView + 'static>(
    /// Whether they are shown.
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: TypedChildrenFn<C>,
) -> Changing {
    let holds = Memo::new(move |_| when());
    let children = children.into_inner();
    changing(move || holds.get().then(|| children().boxed()))
}

/// A modal dialogue, open while `open` holds: the browser keeps the focus in it and closes it on Escape.
pub fn modal(open: Box<dyn Fn() -> bool>) -> NodeRef<Dialog> {
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    node
}

/// The number in an event's field, as parsed by the browser: Rust's parser would add 13 KB.
pub fn entered(event: &Event) -> Option<f64> {
    Some(event_target::<HtmlInputElement>(event).value_as_number()).filter(|value| value.is_finite())
}

/// Shows the value in effect in a field after its event: if the input was adjusted to the present value, no
/// signal changes that would do so.
pub fn show_value(event: &Event, value: impl FnOnce() -> String) {
    event_target::<HtmlInputElement>(event).set_value(&untrack(value));
}
