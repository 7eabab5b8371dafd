//! The token count of a text against the text encoder's limit.

use crate::FullText;

/// How much of the text encoder's length a text uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens of the text, without start and end.
    pub used: usize,
    /// Tokens that fit, without start and end: 75 of CLIP's 77.
    pub limit: usize,
    /// The part of the text that does not fit, to its end.
    pub cut: Option<String>,
}

impl TokenCount {
    /// Counts a text's tokens; `length` is the encoder's sequence length with start and end (CLIP: 77).
    pub fn new(text: &FullText<'_>, length: usize) -> Self {
        let (used, limit) = (text.ids.len(), length.saturating_sub(2));
        let cut = (used > limit).then(|| {
            let start = text.offsets.get(limit).map_or(text.text.len(), |offsets| offsets.0);
            text.text[text.text.floor_char_boundary(start)..].to_owned()
        });
        Self { used, limit, cut }
    }
}

impl std::fmt::Display for TokenCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} tokens", self.used, self.limit)?;
        match &self.cut {
            Some(cut) => {
                write!(f, "; the text from {:?} on is cut off: shorten it", crate::passage::shorten(cut))
            }
            None => Ok(()),
        }
    }
}
