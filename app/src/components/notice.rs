//! Something to tell the user in passing.

use std::time::Duration;

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::studio::Studio;

/// What a link is told with that the browser did not copy.
pub const PERMALINK: &str = "The permalink: ";

/// How long it stays.
const STAYS: Duration = Duration::from_secs(8);

/// A line above the page. It is in nobody's way, unless it has a link to be marked and copied.
#[component]
pub fn NoticeLine() -> AnyView {
    let notice = expect_context::<Studio>().notice;
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if notice.with(Option::is_some) {
            timer.set_value(set_timeout_with_handle(move || notice.set(None), STAYS).ok());
        }
    });
    view! {
        <div class="notice" role="status" aria-live="polite" data-testid="notice" class:shown=move || notice.with(Option::is_some)
            class:link=move || notice.with(|notice| notice.as_ref().is_some_and(|notice| notice.starts_with(PERMALINK)))
        >
            {move || notice.get()}
        </div>
    }
    .boxed()
}
