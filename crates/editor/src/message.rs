//! What a page tells the editor.

use layout::Occurrence;
use request::Size;

use crate::modifiers::Modifiers;
use crate::palette::Rgb;
use crate::{Document, Parameter, Point, RegionId, Tool};

/// A message for [`crate::Editor::handle`]. Places are in CSS pixels from the view's top left corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A pointer was pressed.
    PointerDown(Pointer),
    /// A pointer moved, pressed or not.
    PointerMoved(Pointer),
    /// A pointer was released.
    PointerUp(Pointer),
    /// The browser cancelled the pointer of this ID: what it began is undone.
    PointerCancelled(i32),
    /// The pointer left the view.
    PointerLeft,
    /// The wheel was turned, or two fingers on a touchpad pinched (then browsers set Ctrl).
    Wheel {
        /// Where.
        at: Point,
        /// To the right and down, in CSS pixels (lines count some 16 each, pages the view's height).
        delta: Point,
        /// The modifier keys held.
        modifiers: Modifiers,
    },
    /// A key was pressed while the canvas has the focus.
    KeyDown(Key),
    /// A key was released.
    KeyUp(Key),
    /// The canvas lost the focus: no key is held, and the edit of a field ends.
    Blurred,
    /// Finish the gesture and the edit of a field: the document is about to be used.
    Finish,
    /// Take a tool; a gesture with another is finished.
    Tool(Tool),
    /// The brush's diameter in map pixels, clamped to [`crate::BRUSH_SIZES`].
    BrushSize(f64),
    /// The region to draw with.
    Select(RegionId),
    /// Show a region clearly and fade the others.
    Highlight(Option<RegionId>),
    /// Change the view.
    View(View),
    /// Change a region.
    Region(RegionEdit),
    /// Change the full text.
    Text(TextEdit),
    /// Set a parameter.
    Parameter(Parameter),
    /// Reset all parameters to the model's defaults.
    ResetParameters,
    /// Change the document as a whole.
    Document(DocumentEdit),
    /// Undo the last step.
    Undo,
    /// Redo the step that was undone last.
    Redo,
}

/// A pointer event.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointer {
    /// The browser's `pointerId`.
    pub id: i32,
    /// The browser's `pointerType`.
    pub kind: PointerKind,
    /// The button that was pressed; meaningless in a move.
    pub button: Button,
    /// The modifier keys held.
    pub modifiers: Modifiers,
    /// Where it is: the samples of `getCoalescedEvents()`, oldest first, or the event's own. Never empty.
    pub samples: Vec<Sample>,
}

impl Pointer {
    /// A mouse with its primary button and no modifiers.
    pub fn mouse(x: f64, y: f64) -> Self {
        Self {
            id: 1,
            kind: PointerKind::Mouse,
            button: Button::Primary,
            modifiers: Modifiers::default(),
            samples: vec![Sample { at: Point::new(x, y), pressure: 0.5 }],
        }
    }
}

/// A pointer at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Where, in CSS pixels of the view.
    pub at: Point,
    /// The browser's `pressure`, 0 to 1; only a pen's counts.
    pub pressure: f32,
}

/// The kinds of pointers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointerKind {
    /// A mouse or touchpad.
    #[default]
    Mouse,
    /// A pen, whose pressure counts; while it draws, touches (a resting hand) do not.
    Pen,
    /// A finger; two of them zoom and pan.
    Touch,
}

/// The buttons that matter; the page maps all others to `Secondary`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    /// The left one, the tip of a pen, a finger.
    #[default]
    Primary,
    /// The wheel button: pans.
    Middle,
    /// The right button: does nothing here.
    Secondary,
    /// A pen's other end (`button` 5): erases.
    Eraser,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The browser's `KeyboardEvent.key`.
    pub name: String,
    /// The modifier keys held, including the key itself if it is one.
    pub modifiers: Modifiers,
}

/// Changes of the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View {
    /// The size of the view in CSS pixels: at first and whenever it changes.
    Resized {
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// Show the whole map.
    Fit,
    /// Magnify about the view's centre.
    Zoom(f64),
    /// Move the map, in CSS pixels to the right and down.
    Pan(Point),
}

impl View {
    /// The zoom factor of a key or a button.
    const STEP: f64 = 1.25;

    /// One step nearer.
    pub const IN: Self = Self::Zoom(Self::STEP);
    /// One step away.
    pub const OUT: Self = Self::Zoom(1.0 / Self::STEP);
}

/// Changes of a region.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionEdit {
    /// Add a region, and draw with it.
    Add,
    /// Remove a region; its pixels become background.
    Remove(RegionId),
    /// Give a region's pixels to another and remove it; if the other has no text, it takes that too.
    Merge {
        /// The one that goes; not the background.
        from: RegionId,
        /// The one that stays.
        into: RegionId,
    },
    /// Make its pixels background.
    Clear(RegionId),
    /// Swap it with the background; other regions stay.
    Invert(RegionId),
    /// Lock or unlock.
    Lock(RegionId, bool),
    /// Give it another colour.
    Recolor(RegionId, Rgb),
    /// Give all regions the palette's colours.
    PaletteColors,
    /// Move it to a place in the list; the background stays at 0.
    Reorder {
        /// The region.
        id: RegionId,
        /// Its new place.
        to: usize,
    },
    /// Set its text.
    Text(RegionId, String),
    /// Set its factor on the modulation, clamped to [`request::limits::WEIGHT`].
    Weight(RegionId, f64),
    /// Set the steps in which it counts, as fractions of all steps; a start after the end moves to the end.
    Window {
        /// The region.
        id: RegionId,
        /// First step.
        start: f64,
        /// End, exclusive.
        end: f64,
    },
    /// Choose which occurrence of its text in the full text is meant.
    Occurrence(RegionId, Occurrence),
}

impl RegionEdit {
    /// Whether it changes the map or the region to draw with, so that a gesture has to be finished first.
    pub(crate) fn is_drawn(&self) -> bool {
        use RegionEdit::{Add, Clear, Invert, Merge, Remove};
        matches!(self, Add | Remove(_) | Merge { .. } | Clear(_) | Invert(_))
    }
}

/// Changes of the full text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextEdit {
    /// Written by hand; a text that equals the joined texts follows them.
    Full(String),
    /// Follow the regions' texts again.
    Follow,
    /// Insert a region's missing phrase, as [`crate::repair`] does.
    Repair(RegionId),
}

/// Changes of the whole document; all but the first can be undone.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentEdit {
    /// Start with a document: nothing before it can be undone, and nothing has to be saved.
    Begin(Box<Document>),
    /// Start anew; the parameters stay.
    New(Size),
    /// Resize the picture; the drawing is stretched.
    Resize(Size),
    /// Set a picture size that nobody chose: no step to undo, unless the map needs another size.
    Adopt(Size),
    /// Load another document.
    Load(Box<Document>),
}
