//! Something to tell the user in passing.

use std::time::Duration;

use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::show::changing;
use crate::studio::Studio;

/// What a link is told with that the browser did not copy.
pub const PERMALINK: &str = "The permalink: ";

/// How long it stays, and a link, which is to be copied.
const STAYS: Duration = Duration::from_secs(8);
const LINK_STAYS: Duration = Duration::from_secs(120);

/// A line above the page. It is in nobody's way, unless it has a link to be marked and copied.
#[component]
pub fn NoticeLine() -> AnyView {
    let notice = expect_context::<Studio>().notice;
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let link = move || notice.with(|notice| notice.as_ref()?.strip_prefix(PERMALINK).map(str::to_owned));
    Effect::new(move |_| {
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if notice.with(Option::is_some) {
            let stays = if link().is_some() { LINK_STAYS } else { STAYS };
            timer.set_value(set_timeout_with_handle(move || notice.set(None), stays).ok());
        }
    });
    view! {
        <div class="notice" role="status" aria-live="polite" data-testid="notice" class:shown=move || notice.with(Option::is_some)
            class:link=move || link().is_some()
        >
            {changing(move || {
                Some(match link() {
                    Some(link) => (PERMALINK, view! { <a href=link.clone()>{link.clone()}</a> }).boxed(),
                    None => notice.get()?.boxed(),
                })
            })}
        </div>
    }
    .boxed()
}
