//! Tools, brush size, undo, zoom.

use editor::{BRUSH_SIZES, Message, Tool, View};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::components::chip::{IconButton, Press};
use crate::components::icons::Icon;
use crate::show::entered;
use crate::studio::Studio;

use super::HelpButton;

/// The bar of tools.
#[component]
pub fn Toolbar() -> AnyView {
    let studio = expect_context::<Studio>();
    let (thinnest, thickest) = BRUSH_SIZES.into_inner();
    let tool_button = move |tool: Tool| {
        let key = tool.key();
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
                <Icon name=tool.name() />
            </button>
        }
    };
    let press = move |message: Message| -> Press { Box::new(move |_| studio.send(message.clone())) };
    view! {
        <div class="toolbar" role="group" aria-label="Tools">
            <div class="tools">{Tool::ALL.map(tool_button).collect_view()}</div>
            <label class="brush-size">
                <span>"Size"</span>
                <input
                    type="range"
                    min=thinnest
                    max=thickest
                    aria-label="Brush size"
                    title="Brush size ([ and ])"
                    prop:value=move || studio.brush.get().round().to_string()
                    on:input=move |event| {
                        if let Some(size) = entered(&event) {
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
                <IconButton label="Zoom out" title="Zoom out (-)" icon="zoom out" press=press(Message::View(View::OUT)) />
                <IconButton label="Zoom in" title="Zoom in (+)" icon="zoom in" press=press(Message::View(View::IN)) />
                <IconButton label="Fit" title="Fit (0)" icon="show all" press=press(Message::View(View::Fit)) />
                <button
                    type="button"
                    class="icon-button"
                    title="Show the picture under the drawing (U)"
                    aria-label="Picture under the drawing"
                    aria-keyshortcuts="U"
                    aria-pressed=move || studio.with_backdrop.get().to_string()
                    prop:disabled=move || !studio.has_backdrop()
                    on:click=move |_| studio.toggle_backdrop()
                >
                    <Icon name="picture" />
                </button>
                <HelpButton />
            </div>
        </div>
    }
    .boxed()
}
