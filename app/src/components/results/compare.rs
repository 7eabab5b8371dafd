//! Two pictures in one frame, with a line between them: the slider lies over both, unseen.

use leptos::html::Div;
use leptos::prelude::*;

use super::slider::PercentSlider;
use crate::boxed::Boxed;

/// A picture at the left of the slider, the one that it is compared with at its right.
#[component]
pub fn Compare(
    /// The addresses of the two.
    pictures: [String; 2],
    /// What they are, for people.
    names: [&'static str; 2],
    /// And for screen readers.
    alts: [&'static str; 2],
) -> AnyView {
    let [ours, other] = pictures;
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
