//! What a page has to do after a message.

use crate::Rect;

/// What a message changed: a page repaints no more than that.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The part of the map to paint again with [`crate::Editor::paint_rgba`].
    pub dirty: Option<Rect>,
    /// The map has another size: resize the canvas (then `dirty` is all of it).
    pub resized: bool,
    /// [`crate::Editor::overlay`] or [`crate::Editor::cursor`] has changed.
    pub overlay: bool,
    /// [`crate::Editor::viewport`] has changed.
    pub view: bool,
    /// The panels to update.
    pub panels: Panels,
    /// The document has changed: save it.
    pub document: bool,
    /// Something to tell the user.
    pub notice: Option<Notice>,
    /// What a key did, in words, for screen readers.
    pub said: Option<String>,
    /// The message was a key or wheel with an effect: call `preventDefault`.
    pub handled: bool,
}

/// Panels to update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panels {
    /// The list of regions, or the one to draw with.
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
    /// A region is locked.
    #[error("region {0} is locked: unlock it first")]
    Locked(u8),
    /// The background is locked.
    #[error("the background is locked: unlock it first")]
    BackgroundLocked,
    /// All numbers are taken.
    #[error("there can be no more than 31 regions besides the background: merge or remove some")]
    TooManyRegions,
    /// A text was cut off.
    #[error("a text can have {} characters at most: it was cut off", request::MAX_TEXT)]
    TextTooLong,
    /// A finger alone may be of the hand that holds the pen.
    #[error("the pen draws: fingers zoom and move the view, two at a time")]
    Pen,
    /// There is no room for the phrase.
    #[error("the full text has no room left for the phrase: shorten it")]
    NoRoom,
}

impl Plan {
    /// Adds to the part to paint.
    pub(crate) fn paint(&mut self, rect: Rect) {
        if !rect.is_empty() {
            self.dirty = Some(self.dirty.map_or(rect, |dirty| dirty.union(&rect)));
        }
    }
}
