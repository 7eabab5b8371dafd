//! The layout over a picture.

use editor::Opened;
use leptos::html::Canvas;
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::GenerationRequest;

use crate::client;

/// Draws the layout of the request at `path` with an opacity of 0 to 100.
#[component]
pub fn LayoutOverlay(
    /// The address of the request.
    path: String,
    opacity: RwSignal<i32>,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = node.get() {
            let share = f64::from(opacity.get()) / 100.0;
            let _ = web_sys::HtmlElement::style(&canvas).set_property("opacity", &share.to_string());
        }
    });
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let path = path.clone();
        spawn_local(async move {
            if let Ok(request) = client::get::<GenerationRequest>(&path).await
                && let Ok(opened) = Opened::of_request(&request)
            {
                let rect = opened.document.map().rect();
                let mut rgba = vec![0; 4 * rect.area()];
                opened.document.paint_rgba(rect, None, &mut rgba);
                client::paint(&canvas, rect.width, rect.height, &rgba);
            }
        });
    });
    view! { <canvas class="layout-overlay" node_ref=node aria-hidden="true"></canvas> }
}
