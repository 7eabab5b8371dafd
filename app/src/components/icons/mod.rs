//! Line icons, drawn on a grid of 24 units.

use leptos::prelude::*;

/// An icon; what it means says the control that it stands in.
#[component]
pub fn Icon(
    /// Which one.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <path d=path(name) />
        </svg>
    }
}

/// The lines of an icon, none for what has none. What the sheet of keys explains is called as there.
fn path(name: &str) -> &'static str {
    match name {
        "Brush" => {
            "M20 4c-5 1-9 5-11 9l2 2c4-2 8-6 9-11zM8.500 14c-3 0-3.500 2-3.500 3.500S4 20 3 20.500c4 1 8 0 8-4z"
        }
        "Eraser" => "M14 4l6 6-9 9H7l-4-4zM9.500 8.500l6 6M11 20h9",
        "Rectangle" => "M4 6h16v12H4z",
        "Ellipse" => "M21 12a9 7 0 1 1-18 0a9 7 0 1 1 18 0z",
        "Lasso" => {
            "M12 4c5 0 9 2.500 9 6s-4 6-9 6-9-2.500-9-6 4-6 9-6zM7 15c-2 1-2 3 0 3.500s2 2.500 0 2.500"
        }
        "Fill" => {
            "M10 3l9 9-7.500 7.500a2 2 0 0 1-3 0L4 15a2 2 0 0 1 0-3zM4.500 13H18M20.500 16c1 1.500 1.500 2.500 1.500 3.200a1.500 1.500 0 0 1-3 0c0-.7.5-1.700 1.500-3.200z"
        }
        "Move" => "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
        "Eyedropper" => {
            "M4 20l1-4 9-9 3 3-9 9zM13 6l2-2a2.800 2.800 0 0 1 4 0l1 1a2.800 2.800 0 0 1 0 4l-2 2"
        }
        "Hand" => {
            "M7 12.500V6.500a1.500 1.500 0 0 1 3 0V11V5a1.500 1.500 0 0 1 3 0v6V6a1.500 1.500 0 0 1 3 0v6V8.500a1.500 1.500 0 0 1 3 0V14c0 4-2.500 7-6.500 7c-3 0-4.500-1.500-6-4l-2.500-4a1.600 1.600 0 0 1 2.500-2z"
        }
        "undo" => "M8 5L3 10l5 5M3 10h11a6 6 0 0 1 0 11h-3",
        "redo" => "M16 5l5 5-5 5M21 10H10a6 6 0 0 0 0 11h3",
        "zoom in" => {
            "M17 10.500a6.500 6.500 0 1 1-13 0a6.500 6.500 0 1 1 13 0zM15.500 15.500L21 21M10.500 7.500v6M7.500 10.500h6"
        }
        "zoom out" => {
            "M17 10.500a6.500 6.500 0 1 1-13 0a6.500 6.500 0 1 1 13 0zM15.500 15.500L21 21M7.500 10.500h6"
        }
        "show all" => "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
        "this sheet" => {
            "M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 17.500v.5M21 12a9 9 0 1 1-18 0a9 9 0 1 1 18 0z"
        }
        "the tool" => "M8 12a4 4 0 1 1 8 0a4 4 0 1 1-8 0z",
        "zoom and move the view" => {
            "M3 14a3.500 3.500 0 1 1 7 0a3.500 3.500 0 1 1-7 0zM14 10a3.500 3.500 0 1 1 7 0a3.500 3.500 0 1 1-7 0z"
        }
        "lock" => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
        "unlock" => "M6 11h12v9H6zM8.500 11V7a3.500 3.500 0 0 1 6.800-1",
        "plus" => "M12 5v14M5 12h14",
        "minus" => "M5 12h14",
        "trash" => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 10.500v6M13.500 10.500v6",
        "more" => {
            "M4.500 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M17.500 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0"
        }
        "dice" => "M5 5h14v14H5zM9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01",
        "download" => "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14",
        "copy" => "M9 9h11v11H9zM15 9V4H4v11h5",
        "link" => {
            "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1.500 1.500M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1.500-1.500"
        }
        "open" => "M4 19V6h5l2 2h9v11z",
        "layers" => "M12 4l9 4.500-9 4.500-9-4.500zM3 12.500L12 17l9-4.500M3 16.500L12 21l9-4.500",
        "compare" => "M12 3v18M8 8l-4 4 4 4M16 8l4 4-4 4",
        "close" => "M6 6l12 12M18 6L6 18",
        "previous" => "M15 5l-7 7 7 7",
        "next" => "M9 5l7 7-7 7",
        "spark" => "M12 3l2 6.500L20.500 12 14 14.500 12 21l-2-6.500L3.500 12 10 9.500z",
        _ => "",
    }
}
