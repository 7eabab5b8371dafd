//! The keyboard, and the sheet that explains it.

use editor::{Key, Message, Modifiers, SHORTCUTS, Tool};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::boxed::Boxed;
use crate::client;
use crate::components::chip::IconButton;
use crate::components::icons::Icon;
use crate::show::modal;
use crate::studio::Studio;

/// The page's own keys and gestures besides the editor's, touch last: icon, keys, meaning.
const MORE: [(&str, &str, &str); 6] = [
    ("picture", "U", "the picture under the drawing"),
    ("", "Ctrl+Wheel", "zoom at the pointer; without Ctrl once the canvas is in use"),
    ("", "Ctrl+Enter", "generate; while painting: anew if the drawing has changed, else cancel"),
    ("this sheet", "?", "this sheet"),
    ("finger", "Finger", "the tool, unless a pen is used"),
    ("fingers", "Two fingers", "zoom and move the view"),
];

/// The editor's shortcuts that have a toolbar button, and so an icon.
const DRAWN: [&str; 5] = ["undo", "redo", "zoom in", "zoom out", "show all"];

/// Converts a key event to the editor's.
pub fn key(event: &KeyboardEvent) -> Key {
    let modifiers = Modifiers {
        shift: event.shift_key(),
        alt: event.alt_key(),
        command: event.ctrl_key() || event.meta_key(),
    };
    Key { name: event.key(), modifiers }
}

/// Sends keys pressed at the canvas and its tools to the editor. Elsewhere single letters do nothing, since
/// speech input may produce some by chance. Keys that the focused control needs are left to it.
pub fn listen_to_keys(studio: Studio) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let key = key(&event);
        if key.modifiers.command && key.name == "Enter" {
            event.prevent_default();
            if !event.repeat() {
                client::commit_number();
                studio.generate_or_cancel();
            }
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let place = target.map_or(Place::Page, |target| place(&target));
        // A field that is set on every keystroke has no useful undo of its own.
        let steps = key.modifiers.command && matches!(key.name.as_str(), "z" | "Z" | "y" | "Y");
        if place == Place::Text && steps {
            studio.press(Message::KeyDown(key));
            return event.prevent_default();
        }
        let own = matches!(key.name.as_str(), "Enter" | "Backspace" | "Tab" | "Escape" | "Shift" | "Alt")
            || key.name.starts_with("Arrow");
        let is_foreign = match place {
            Place::Canvas => false,
            Place::Desk => own || key.name == " ",
            Place::Page => !(steps || key.name == "?"),
            Place::Text | Place::Elsewhere => true,
        };
        if is_foreign {
            return;
        }
        if key.name == "?" {
            studio.help.set(true);
        } else if !key.modifiers.command && key.name.eq_ignore_ascii_case("u") {
            studio.toggle_backdrop();
        } else if studio.press(Message::KeyDown(key)) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

#[derive(PartialEq)]
enum Place {
    Canvas,
    /// A tool, or a region to draw with.
    Desk,
    Page,
    /// A text of the document.
    Text,
    Elsewhere,
}

fn place(element: &Element) -> Place {
    let within = |selector: &str| element.closest(selector).is_ok_and(|found| found.is_some());
    if within("canvas.stage") {
        Place::Canvas
    } else if within(".region-text, .studio textarea") {
        Place::Text
    } else if within("dialog, input:not([type=range], [type=color]), textarea") {
        Place::Elsewhere
    } else if within(":is(.toolbar, .region-picker) button") {
        Place::Desk
    } else {
        Place::Page
    }
}

/// Opens the sheet of keys.
#[component]
pub fn HelpButton() -> impl IntoView {
    let studio = expect_context::<Studio>();
    view! {
        <IconButton label="Keys" title="Tools and keys (?)" icon="this sheet" press=Box::new(move |_| studio.help.set(true)) />
    }
}

/// The sheet of keys.
#[component]
pub fn HelpSheet() -> AnyView {
    let studio = expect_context::<Studio>();
    let dialog = modal(Box::new(move || studio.help.get()));
    let close = move |_| studio.help.set(false);
    let tools = Tool::ALL.map(|tool| (tool.name(), tool.key(), format!("{}: {}", tool.name(), tool.does())));
    let icon = |does| if DRAWN.contains(&does) { does } else { "" };
    let keys = SHORTCUTS.iter().map(|shortcut| (icon(shortcut.does), shortcut.keys, shortcut.does));
    let others = keys.chain(MORE).map(|(icon, keys, does)| (icon, keys, does.to_owned()));
    let lines = tools.into_iter().chain(others);
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="help-title" on:close=move |_| studio.help.set(false)>
            <header class="panel-head">
                <h2 id="help-title">"Tools and keys"</h2>
                <IconButton label="Close" title="Close" icon="close" press=Box::new(close) />
            </header>
            <dl class="keys">
                {lines
                    .map(|(icon, key, meaning)| {
                        view! {
                            <div>
                                <dt>
                                    <Icon name=icon />
                                    <kbd>{key}</kbd>
                                </dt>
                                <dd>{meaning}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </dialog>
    }
    .boxed()
}
