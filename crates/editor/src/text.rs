//! The texts.

use request::MAX_TEXT;

/// The full text of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum FullText {
    /// The regions' texts joined, whatever they become.
    #[default]
    Following,
    /// Written by hand.
    Edited(String),
}

pub(crate) use request::{SEPARATOR, joined};

/// The text, cut off at [`MAX_TEXT`] characters.
pub(crate) fn limited(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
    }
    text
}

/// Whether [`limited`] would cut it.
pub(crate) fn is_too_long(text: &str) -> bool {
    text.len() > MAX_TEXT && text.chars().nth(MAX_TEXT).is_some()
}
