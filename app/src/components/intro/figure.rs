//! An example's layout as a drawing.

use editor::RegionId;
use editor::palette;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::studio::examples::{Example, SIDE, Shape};

/// The layout in the regions' colours.
#[component]
pub fn ExampleFigure(example: &'static Example) -> impl IntoView {
    let color = |at: usize| {
        let id = RegionId::new(at as u8).unwrap_or_default();
        palette::hex(palette::look(id).0)
    };
    let shape = move |at: usize, shape: Shape| match shape {
        Shape::Rect(x, y, width, height) => {
            view! { <rect x=x y=y width=width height=height fill=color(at) /> }.boxed()
        }
        Shape::Ellipse(x, y, rx, ry) => view! { <ellipse cx=x cy=y rx=rx ry=ry fill=color(at) /> }.boxed(),
    };
    view! {
        <svg class="example-figure" viewBox=format!("0 0 {SIDE} {SIDE}") role="img" aria-label=format!("Layout: {}", example.title)>
            <rect width=SIDE height=SIDE fill=color(0) />
            {example
                .regions
                .iter()
                .enumerate()
                .flat_map(|(at, (_, shapes))| shapes.iter().map(move |it| shape(at + 1, *it)))
                .collect_view()}
        </svg>
    }
}
