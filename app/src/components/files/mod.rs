//! Open and save.

mod drop;
mod proposal;

use leptos::html::Input;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::chip::Chip;
use crate::show::Show;
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
        // Choosing the same file again should be a change, too.
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
            <Chip
                name="Open…"
                title="A layout picture, a project file, or a picture made here; dropping and pasting work too"
                icon="open"
                press=Box::new(ask)
            />
            <Chip
                name="New"
                title="An empty drawing; Undo brings this one back"
                press=Box::new(move |_| studio.start_anew())
            />
            <Show when=move || studio.other.get()>
                <Chip
                    name="Other drawing"
                    title="Changes this drawing for the one before it, or one of another tab"
                    press=Box::new(move |_| studio.swap())
                />
            </Show>
            <div class="save" role="group" aria-labelledby="save-label">
                <span class="bar-label" id="save-label">"Save"</span>
                <Chip
                    name="Project"
                    title="Everything, to go on with another time"
                    icon="download"
                    press=Box::new(move |_| studio.export_project())
                />
                <Chip
                    name="Layout PNG"
                    title="The drawing as a picture"
                    press=Box::new(move |_| studio.export_layout())
                />
                <Chip
                    name="Masks"
                    title="A black and white picture of each region, all in one ZIP archive"
                    press=Box::new(move |_| studio.export_masks())
                />
            </div>
        </div>
    }
    .boxed()
}
