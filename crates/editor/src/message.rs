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
    /// The browser took the pointer of this id away: what it began is undone.
    PointerCancelled(i32),
    /// The pointer is over the view no longer.
    PointerLeft,
    /// The wheel was turned, or two fingers on a touchpad pinched (then browsers set Ctrl).
    Wheel {
        /// Where.
        at: Point,
        /// To the right and down, in CSS pixels (a page multiplies lines by some 16, pages by the view's height).
        delta: Point,
        /// The keys held.
        modifiers: Modifiers,
    },
    /// A key was pressed while the canvas has the focus.
    KeyDown(Key),
    /// A key was released.
    KeyUp(Key),
    /// The canvas lost the focus: no key is held, the edit of a field is at its end.
    Blurred,
    /// Finish what is begun with a tool, and the edit of a field: the document is to be used.
    Finish,
    /// Take a tool; what was begun with another is finished.
    Tool(Tool),
    /// The brush's diameter in pixels of the map, brought to [`crate::BRUSH_SIZES`].
    BrushSize(f64),
    /// The region to draw with.
    Select(RegionId),
    /// Show a region clearly and fade the others.
    Highlight(Option<RegionId>),
    /// Look at another part.
    View(View),
    /// Change a region.
    Region(RegionEdit),
    /// Change the full text.
    Text(TextEdit),
    /// Set a parameter.
    Parameter(Parameter),
    /// All parameters are the model's again.
    ResetParameters,
    /// Change the document as a whole.
    Document(DocumentEdit),
    /// Take the last step back.
    Undo,
    /// Make the step again that was taken back last.
    Redo,
}

/// What moves or is pressed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointer {
    /// The browser's `pointerId`.
    pub id: i32,
    /// The browser's `pointerType`.
    pub kind: PointerKind,
    /// The button that was pressed; of no meaning in a move.
    pub button: Button,
    /// The keys held.
    pub modifiers: Modifiers,
    /// Where it is: the samples of `getCoalescedEvents()`, oldest first, or the event's own. Never empty.
    pub samples: Vec<Sample>,
}

impl Pointer {
    /// A mouse with its first button and no key.
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

/// The buttons that mean something; the page maps all others to `Secondary`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    /// The left one, the tip of a pen, a finger.
    #[default]
    Primary,
    /// The wheel's: pans.
    Middle,
    /// The right one: does nothing here.
    Secondary,
    /// A pen's other end (`button` 5): erases.
    Eraser,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The browser's `KeyboardEvent.key`.
    pub name: String,
    /// The keys held, the key itself included if it is one of them.
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
    /// Magnify about the view's middle.
    Zoom(f64),
    /// Move the map, in CSS pixels to the right and down.
    Pan(Point),
}

impl View {
    /// How much a key or a button magnifies.
    const STEP: f64 = 1.25;

    /// One step nearer.
    pub const IN: Self = Self::Zoom(Self::STEP);
    /// One step away.
    pub const OUT: Self = Self::Zoom(1.0 / Self::STEP);
}

/// Changes of a region.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionEdit {
    /// Add one, and draw with it.
    Add,
    /// Remove one; its pixels become background.
    Remove(RegionId),
    /// Give one's pixels to another and remove it; if the other has no text, it takes that too.
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
        /// Its place thereafter.
        to: usize,
    },
    /// What is in it.
    Text(RegionId, String),
    /// Factor on the modulation, brought to [`request::limits::WEIGHT`].
    Weight(RegionId, f64),
    /// The steps in which it counts, as fractions of all steps; a start after the end moves to the end.
    Window {
        /// The region.
        id: RegionId,
        /// First step.
        start: f64,
        /// End, exclusive.
        end: f64,
    },
    /// Which occurrence of its text in the full text is meant.
    Occurrence(RegionId, Occurrence),
}

impl RegionEdit {
    /// Whether it changes what is drawn or drawn with, so that what is begun comes first.
    pub(crate) fn is_drawn(&self) -> bool {
        use RegionEdit::{Add, Clear, Invert, Merge, Remove};
        matches!(self, Add | Remove(_) | Merge { .. } | Clear(_) | Invert(_))
    }
}

/// Changes of the full text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextEdit {
    /// Written by hand; if it is just the texts joined, it follows them.
    Full(String),
    /// Follow the regions' texts again.
    Follow,
    /// Put a region's missing phrase in, as [`crate::repair`] does.
    Repair(RegionId),
}

/// Changes of the whole document; all but the first can be undone.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentEdit {
    /// Begin with a document: nothing before it can be undone, and there is nothing new to be saved.
    Begin(Box<Document>),
    /// Begin anew; the parameters stay.
    New(Size),
    /// Another size of the picture; the drawing is stretched.
    Resize(Size),
    /// The size of the picture that nobody has chosen yet: no step to undo, unless the map must be another for it.
    Adopt(Size),
    /// Another document.
    Load(Box<Document>),
}
