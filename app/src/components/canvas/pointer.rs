//! Converts the browser's pointer events to the editor's.

use editor::{Button, Modifiers, Point, Pointer, PointerKind, Sample};
use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, MouseEvent, PointerEvent};

/// A pointer event, its coalesced samples included.
pub fn pointer(event: &PointerEvent, canvas: &HtmlCanvasElement) -> Pointer {
    let frame = canvas.get_bounding_client_rect();
    let sample = |event: &PointerEvent| Sample {
        at: Point::new(f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top()),
        pressure: event.pressure(),
    };
    // Not every browser has them, and some only on pages served over HTTPS.
    let has_coalesced = Reflect::has(event, &"getCoalescedEvents".into()).unwrap_or(false);
    let coalesced = if has_coalesced { event.get_coalesced_events() } else { Array::new() };
    let mut samples: Vec<Sample> = coalesced
        .iter()
        .filter_map(|event| event.dyn_into::<PointerEvent>().ok())
        .map(|event| sample(&event))
        .collect();
    if samples.is_empty() {
        samples.push(sample(event));
    }
    Pointer {
        id: event.pointer_id(),
        kind: match event.pointer_type().as_str() {
            "pen" => PointerKind::Pen,
            "touch" => PointerKind::Touch,
            _ => PointerKind::Mouse,
        },
        button: match event.button() {
            0 => Button::Primary,
            1 => Button::Middle,
            5 => Button::Eraser,
            _ => Button::Secondary,
        },
        modifiers: modifiers(event),
        samples,
    }
}

/// The modifier keys held during a mouse event.
pub fn modifiers(event: &MouseEvent) -> Modifiers {
    Modifiers {
        shift: event.shift_key(),
        alt: event.alt_key(),
        command: event.ctrl_key() || event.meta_key(),
    }
}
