//! The tools.

mod brush;
mod lasso;
mod mover;
mod shape;

pub(crate) use brush::Stroke;
pub(crate) use lasso::{Lasso, Release};
pub(crate) use mover::Mover;
pub(crate) use shape::{Form, ShapeDrag};

/// The tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Paints the selected region; a pen's pressure sets the width.
    #[default]
    Brush,
    /// Paints background.
    Eraser,
    /// Fills a rectangle; Shift: a square, Alt: from its middle.
    Rectangle,
    /// Fills an ellipse; Shift: a circle, Alt: from its middle.
    Ellipse,
    /// Fills the enclosed area; clicks set the corners of a polygon.
    Lasso,
    /// Fills the connected area under the pointer.
    Fill,
    /// Moves the region under the pointer.
    Move,
    /// Selects the region under the pointer.
    Eyedropper,
    /// Moves the view.
    Hand,
}

impl Tool {
    /// All tools, in toolbar order.
    pub const ALL: [Self; 9] = [
        Self::Brush,
        Self::Eraser,
        Self::Rectangle,
        Self::Ellipse,
        Self::Lasso,
        Self::Fill,
        Self::Move,
        Self::Eyedropper,
        Self::Hand,
    ];

    /// Its name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brush => "Brush",
            Self::Eraser => "Eraser",
            Self::Rectangle => "Rectangle",
            Self::Ellipse => "Ellipse",
            Self::Lasso => "Lasso",
            Self::Fill => "Fill",
            Self::Move => "Move",
            Self::Eyedropper => "Eyedropper",
            Self::Hand => "Hand",
        }
    }

    /// What it does, in a few words.
    pub fn does(self) -> &'static str {
        match self {
            Self::Brush => "paints the chosen region",
            Self::Eraser => "paints background",
            Self::Rectangle => "fills a rectangle",
            Self::Ellipse => "fills an ellipse",
            Self::Lasso => "fills what you go around, or the corners that you click",
            Self::Fill => "fills the connected area",
            Self::Move => "moves the region under the pointer",
            Self::Eyedropper => "chooses the region under the pointer",
            Self::Hand => "moves the view",
        }
    }

    /// The key that selects it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Brush => "B",
            Self::Eraser => "E",
            Self::Rectangle => "R",
            Self::Ellipse => "O",
            Self::Lasso => "L",
            Self::Fill => "F",
            Self::Move => "M",
            Self::Eyedropper => "I",
            Self::Hand => "H",
        }
    }

    /// Whether it paints with a round tip.
    pub(crate) fn has_tip(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser)
    }
}
