//! Views that come and go, with less code in the browser than leptos's own.

use leptos::children::TypedChildrenFn;
use leptos::prelude::*;

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
