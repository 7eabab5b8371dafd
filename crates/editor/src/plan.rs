//! What a page has to do after a message.

use crate::Rect;

/// What a message changed. A page looks at it and repaints no more than that.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The part of the map to paint again with [`crate::Editor::paint_rgba`].
    pub dirty: Option<Rect>,
    /// The map has another size: make the canvas anew (then `dirty` is all of it).
    pub resized: bool,
    /// [`crate::Editor::overlay`] or [`crate::Editor::cursor`] gives something else.
    pub overlay: bool,
    /// [`crate::Editor::viewport`] gives something else.
    pub view: bool,
    /// The panels with something new.
    pub panels: Panels,
    /// The document is another than before: save it.
    pub document: bool,
    /// Something to tell the user.
    pub notice: Option<Notice>,
    /// What a key did, in words: for whoever does not see the canvas.
    pub said: Option<String>,
    /// The message was a key or wheel that means something here: `preventDefault`.
    pub handled: bool,
}

/// Panels with something new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panels {
    /// The list of regions, or which one is drawn with.
    pub regions: bool,
    /// The full text or its phrases.
    pub text: bool,
    /// The parameters or the picture's size.
    pub parameters: bool,
    /// The tool or the brush size.
    pub tools: bool,
    /// Whether there is something to undo and redo.
    pub history: bool,
}

/// Why something was not done as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// Of a region.
    #[error("region {0} is locked: unlock it first")]
    Locked(u8),
    /// Of the background.
    #[error("the background is locked: unlock it first")]
    BackgroundLocked,
    /// All numbers are taken.
    #[error("there can be no more than 31 regions besides the background: merge or remove some")]
    TooManyRegions,
    /// A text was cut off.
    #[error("a text can have {} characters at most: it was cut off", request::MAX_TEXT)]
    TextTooLong,
    /// A finger alone may be the hand that holds the pen.
    #[error("the pen draws: fingers zoom and move the view, two at a time")]
    Pen,
    /// The phrase cannot be put in.
    #[error("the full text has no room left for the phrase: shorten it")]
    NoRoom,
}

impl Plan {
    /// Adds to what is to be painted.
    pub(crate) fn paint(&mut self, rect: Rect) {
        if !rect.is_empty() {
            self.dirty = Some(self.dirty.map_or(rect, |dirty| dirty.union(&rect)));
        }
    }
}
