//! Tools, brush size, undo, zoom.

use editor::{Message, Tool, View};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::chip::{IconButton, Press};
use crate::components::icons::Icon;
use crate::studio::Studio;

use super::HelpButton;

/// The tools with icon and key.
const TOOLS: [(Tool, &str, &str); 9] = [
    (Tool::Brush, "brush", "B"),
    (Tool::Eraser, "eraser", "E"),
    (Tool::Rectangle, "rectangle", "R"),
    (Tool::Ellipse, "ellipse", "O"),
    (Tool::Lasso, "lasso", "L"),
    (Tool::Fill, "fill", "F"),
    (Tool::Move, "move", "M"),
    (Tool::Eyedropper, "pick", "I"),
    (Tool::Hand, "hand", "H"),
];

/// The bar of tools.
#[component]
pub fn Toolbar() -> AnyView {
    let studio = expect_context::<Studio>();
    let tool_button = move |(tool, icon, key): (Tool, &'static str, &'static str)| {
        view! {
            <button
                type="button"
                class="icon-button"
                title=format!("{}: {} ({key})", tool.name(), tool.does())
                aria-label=tool.name()
                aria-keyshortcuts=key
                aria-pressed=move || (studio.tool.get() == tool).to_string()
                on:click=move |_| studio.send(Message::Tool(tool))
            >
                <Icon name=icon />
            </button>
        }
    };
    let press = move |message: Message| -> Press { Box::new(move |_| studio.send(message.clone())) };
    view! {
        <div class="toolbar" role="toolbar" aria-label="Tools">
            <div class="tools">{TOOLS.map(tool_button).collect_view()}</div>
            <label class="brush-size">
                <span>"Size"</span>
                <input
                    type="range"
                    min="1"
                    max="400"
                    aria-label="Brush size"
                    title="Brush size ([ and ])"
                    prop:value=move || studio.brush.get().round().to_string()
                    on:input=move |event| {
                        if let Ok(size) = event_target_value(&event).parse() {
                            studio.send(Message::BrushSize(size));
                        }
                    }
                />
                <span aria-hidden="true">{move || studio.brush.get().round()}</span>
            </label>
            <div class="tools">
                <IconButton
                    label="Undo"
                    title="Undo (Ctrl Z)"
                    icon="undo"
                    off=Box::new(move || !studio.history.get().0)
                    press=press(Message::Undo)
                />
                <IconButton
                    label="Redo"
                    title="Redo (Ctrl Shift Z)"
                    icon="redo"
                    off=Box::new(move || !studio.history.get().1)
                    press=press(Message::Redo)
                />
                <IconButton label="Zoom out" title="Zoom out (-)" icon="zoom-out" press=press(Message::View(View::Zoom(0.8))) />
                <IconButton label="Zoom in" title="Zoom in (+)" icon="zoom-in" press=press(Message::View(View::Zoom(1.25))) />
                <IconButton label="Fit" title="Fit (0)" icon="fit" press=press(Message::View(View::Fit)) />
                <HelpButton />
            </div>
        </div>
    }
    .boxed()
}
