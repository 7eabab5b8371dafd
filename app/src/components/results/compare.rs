//! Two pictures in one frame, divided by a line that follows an invisible slider above both.

use leptos::html::Div;
use leptos::prelude::*;

use super::slider::PercentSlider;
use crate::boxed::Boxed;

/// A picture on the left of the slider, and on its right the one that it is compared with.
#[component]
pub fn Compare(
    /// Their addresses.
    pictures: [String; 2],
    /// Their visible labels.
    names: [&'static str; 2],
    /// Their alternative texts for screen readers.
    alts: [&'static str; 2],
) -> AnyView {
    let [ours, other] = pictures;
    let frame = NodeRef::<Div>::new();
    let share = RwSignal::new(50);
    // Through the element's style object: the page's CSP forbids style attributes.
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            let style = web_sys::HtmlElement::style(&frame);
            let _ = style.set_property("--share", &format!("{}%", share.get()));
        }
    });
    view! {
        <div class="compare" node_ref=frame>
            <img src=other alt=alts[1] />
            <img class="above" src=ours alt=alts[0] />
            <span class="compare-line" aria-hidden="true"></span>
            <span class="tag left" aria-hidden="true">{names[0]}</span>
            <span class="tag right" aria-hidden="true">{names[1]}</span>
        </div>
        <PercentSlider name="Compare" title="How far the picture at the left reaches" value=share />
    }
    .boxed()
}
