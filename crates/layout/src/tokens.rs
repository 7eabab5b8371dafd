//! The token count of a text, and how many of the tokens are used.

use crate::FullText;

/// How many tokens a text has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens of the text.
    pub used: usize,
    /// The most tokens that are used.
    pub limit: usize,
    /// The rest of the text, which does not fit.
    pub cut: Option<String>,
}

impl TokenCount {
    /// Counts a text's tokens, of which `limit` are used.
    pub fn new(text: &FullText<'_>, limit: usize) -> Self {
        let used = text.ids.len();
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
