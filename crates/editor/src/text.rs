//! The texts.

use request::MAX_TEXT;

/// The full text of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum FullText {
    /// The regions' texts joined, as they change.
    #[default]
    Following,
    /// Written by hand.
    Edited(String),
}

/// Truncates a text to [`MAX_TEXT`] characters.
pub(crate) fn limited(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
    }
    text
}
