//! Open and save.

mod drop;
mod proposal;

use leptos::html::Input;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::icons::Icon;
use crate::studio::Studio;
pub use drop::DropZone;
pub use proposal::ProposalDialog;

/// Buttons to open and to save files.
#[component]
pub fn FileBar() -> AnyView {
    let studio = expect_context::<Studio>();
    let input = NodeRef::<Input>::new();
    let open = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            studio.open_file(file.into());
        }
        // The same file again is a change, too.
        input.set_value("");
    };
    let ask = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <div class="file-bar">
            <input
                type="file"
                class="visually-hidden"
                tabindex="-1"
                aria-label="File to open"
                accept="image/png,image/webp,image/jpeg,application/json"
                node_ref=input
                on:change=open
            />
            <button
                type="button"
                class="chip"
                title="A layout picture, a project file, or a picture made here; dropping and pasting work too"
                on:click=ask
            >
                <Icon name="open" />
                "Open…"
            </button>
            <button type="button" class="chip" title="An empty drawing; Undo brings this one back" on:click=move |_| studio.start_anew()>
                "New"
            </button>
            <span class="bar-space"></span>
            <span class="bar-label" id="save-label">"Save"</span>
            <button
                type="button"
                class="chip"
                title="Everything, to go on with another time"
                aria-describedby="save-label"
                on:click=move |_| studio.export_project()
            >
                <Icon name="download" />
                "Project"
            </button>
            <button
                type="button"
                class="chip"
                title="The drawing as a picture"
                aria-describedby="save-label"
                on:click=move |_| studio.export_layout()
            >
                "Layout PNG"
            </button>
            <button
                type="button"
                class="chip"
                title="A black and white picture of each region, all in one ZIP archive"
                aria-describedby="save-label"
                on:click=move |_| studio.export_masks()
            >
                "Masks"
            </button>
        </div>
    }
    .boxed()
}
