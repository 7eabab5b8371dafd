//! Views that come and go, with less code in the browser than leptos's own.

use leptos::children::TypedChildrenFn;
use leptos::ev::Event;
use leptos::html::Dialog;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::boxed::Boxed;

/// A view that is there or not, and may be another at each change. All are of one type.
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

/// A dialogue that is there while `open` holds. It is modal: the browser keeps the focus in it and closes it by Escape.
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

/// The number that stands in an event's field, as the browser reads it: Rust's way to read one is 13 KB of program.
pub fn entered(event: &Event) -> Option<f64> {
    Some(event_target::<HtmlInputElement>(event).value_as_number()).filter(|value| value.is_finite())
}

/// Has a field show what is in effect after its event: what was typed may have been brought elsewhere, and then no signal
/// changes that would say so.
pub fn show_value(event: &Event, value: impl FnOnce() -> String) {
    event_target::<HtmlInputElement>(event).set_value(&untrack(value));
}
