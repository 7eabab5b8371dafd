//! A transient message to the user.

use std::time::Duration;

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::studio::Studio;

/// How long a message stays.
const STAYS: Duration = Duration::from_secs(8);

/// A line above the page, out of the way.
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
        <div class="notice" role="status" aria-live="polite" data-testid="notice" class:shown=move || notice.with(Option::is_some)>
            {move || notice.get()}
        </div>
    }
    .boxed()
}
