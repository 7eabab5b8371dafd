//! Two pictures in one frame, with a slider between them.

use leptos::html::Div;
use leptos::prelude::*;

use super::slider::PercentSlider;
use crate::boxed::Boxed;

/// The picture with the layout at the left of the slider, the plain model's at its right.
#[component]
pub fn Compare(
    /// The address of the picture with the layout.
    ours: String,
    /// The address of the plain model's picture.
    plain: String,
) -> AnyView {
    let frame = NodeRef::<Div>::new();
    let share = RwSignal::new(50);
    // Through the element's style object: the page's policy refuses style attributes.
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            let style = web_sys::HtmlElement::style(&frame);
            let _ = style.set_property("--share", &format!("{}%", share.get()));
        }
    });
    view! {
        <div class="compare" node_ref=frame>
            <img src=plain alt="Painted without the layout" />
            <img class="above" src=ours alt="Painted with the layout" />
            <span class="compare-line" aria-hidden="true"></span>
            <span class="tag left" aria-hidden="true">"With layout"</span>
            <span class="tag right" aria-hidden="true">"Plain"</span>
        </div>
        <PercentSlider name="Layout ↔ plain" title="How far the picture with the layout reaches" value=share />
    }
    .boxed()
}
