//! The canvas element, which sends its events to the editor.

use editor::{Message, Point, View};
use leptos::html::Canvas;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, PointerEvent, ResizeObserver, WheelEvent};

use super::keys::key;
use super::pointer::{modifiers, pointer};
use crate::boxed::Boxed;
use crate::client;
use crate::studio::{Studio, Surface};

/// Matches the canvas while it, a tool or a region choice has the focus.
const IN_USE: &str = ":focus, :is(.toolbar, .region-picker):focus-within ~ .stage-frame > *";

/// The canvas. Its size in the page is fixed; the editor zooms and pans inside it.
#[component]
pub fn Stage() -> AnyView {
    let studio = expect_context::<Studio>();
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = node.get() {
            begin(studio, canvas);
        }
    });
    studio.follow_backdrop();
    let tell = move |event: &PointerEvent, message: fn(editor::Pointer) -> Message| {
        if let Some(canvas) = node.get_untracked() {
            studio.send(message(pointer(event, &canvas)));
        }
    };
    let down = move |event: PointerEvent| {
        if let Some(canvas) = node.get_untracked() {
            let _ = canvas.set_pointer_capture(event.pointer_id());
            // Without scrolling, so that the stroke starts under the pointer.
            client::focus_on(&canvas);
        }
        // Otherwise a middle click scrolls.
        event.prevent_default();
        tell(&event, Message::PointerDown);
    };
    let wheel = move |event: WheelEvent| {
        let Some(canvas) = node.get_untracked() else {
            return;
        };
        let modifiers = modifiers(&event);
        // Unless the canvas is in use, the wheel scrolls the page; a pinch arrives with Ctrl.
        if !modifiers.command && !canvas.matches(IN_USE).unwrap_or(true) {
            return;
        }
        let frame = canvas.get_bounding_client_rect();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => 16.0,
            WheelEvent::DOM_DELTA_PAGE => frame.height(),
            _ => 1.0,
        };
        let at =
            Point::new(f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top());
        let delta = Point::new(event.delta_x() * unit, event.delta_y() * unit);
        if studio.press(Message::Wheel { at, delta, modifiers }) {
            event.prevent_default();
        }
    };
    view! {
        <div class="stage-frame">
        <canvas
            class="stage"
            id="canvas"
            node_ref=node
            tabindex="0"
            role="application"
            aria-label="Drawing canvas"
            aria-describedby="stage-help"
            on:pointerdown=down
            on:pointermove=move |event| tell(&event, Message::PointerMoved)
            on:pointerup=move |event| tell(&event, Message::PointerUp)
            on:pointercancel=move |event| studio.send(Message::PointerCancelled(event.pointer_id()))
            on:pointerleave=move |_| studio.send(Message::PointerLeft)
            // Otherwise browsers take a quick stroke for a scroll, and the next tap for its end.
            on:touchstart=move |event| event.prevent_default()
            on:contextmenu=move |event| event.prevent_default()
            on:wheel=wheel
            on:blur=move |_| studio.send(Message::Blurred)
            on:keyup=move |event| studio.send(Message::KeyUp(key(&event)))
        ></canvas>
            <p class="stage-hint" aria-hidden="true" class:shown=move || studio.blank.get()>
                <strong>"Draw here"</strong>
                <span>"and say in the list of regions what it is"</span>
            </p>
        </div>
        <p class="visually-hidden" aria-live="polite" data-testid="said">{move || studio.said.get()}</p>
        <p class="visually-hidden" id="stage-help">
            "Arrow keys move a drawing point, Enter presses and releases the tool there. The question mark shows all keys."
        </p>
    }
    .boxed()
}

/// Starts drawing on the page's canvas, and follows its size.
fn begin(studio: Studio, canvas: HtmlCanvasElement) {
    match studio.with_editor(|editor| Surface::new(canvas.clone(), editor)) {
        Ok(surface) => studio.set_surface(surface),
        Err(_) => {
            studio.notice.set(Some("This browser has no canvas to draw on".to_owned()));
            return;
        }
    }
    let measured = canvas.clone();
    let measure = move || {
        let frame = measured.get_bounding_client_rect();
        studio.send(Message::View(View::Resized { width: frame.width(), height: frame.height() }));
        studio.redraw();
    };
    measure();
    let changed = Closure::<dyn FnMut()>::new(measure);
    let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(&canvas);
    // Lives as long as the canvas does.
    let both = SendWrapper::new((observer, changed));
    on_cleanup(move || both.0.disconnect());
}
