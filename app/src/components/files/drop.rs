//! Files that are dropped or pasted anywhere on the page.

use leptos::prelude::*;
use web_sys::DataTransfer;

use crate::boxed::Boxed;
use crate::studio::Studio;

/// Marks the page as a drop zone while files are dragged over it.
#[component]
pub fn DropZone() -> AnyView {
    let studio = expect_context::<Studio>();
    let over = RwSignal::new(false);
    Effect::new(move |_| {
        let open = move |transfer: Option<DataTransfer>| {
            let file = transfer.and_then(|transfer| transfer.files()).and_then(|files| files.get(0));
            let found = file.is_some();
            if let Some(file) = file {
                studio.open_file(file.into());
            }
            found
        };
        let listeners = [
            window_event_listener(leptos::ev::dragover, move |event| {
                if has_files(event.data_transfer()) {
                    event.prevent_default();
                    over.set(true);
                }
            }),
            window_event_listener(leptos::ev::dragleave, move |event| {
                if event.related_target().is_none() {
                    over.set(false);
                }
            }),
            window_event_listener(leptos::ev::drop, move |event| {
                over.set(false);
                if open(event.data_transfer()) {
                    event.prevent_default();
                }
            }),
            window_event_listener(leptos::ev::paste, move |event| {
                if open(event.clipboard_data()) {
                    event.prevent_default();
                }
            }),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    });
    view! {
        <div class="drop-zone" class:shown=move || over.get() aria-hidden="true">
            "Drop a layout picture, a project file, or a picture made here"
        </div>
    }
    .boxed()
}

/// Text is dragged, too; that is left to the text fields.
fn has_files(transfer: Option<DataTransfer>) -> bool {
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}
