//! Putting a missing phrase into the full text.

use std::ops::Range;

use layout::{BindProblem, Occurrence, words};
use request::SEPARATOR;

use crate::phrase::meant;
use crate::words::Searched;
use crate::{Document, RegionId};

/// What makes a region's phrase found again; [`crate::TextEdit::Repair`] does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Another full text.
    Text {
        /// The text.
        text: String,
        /// Where in it the phrase is, in bytes.
        phrase: Range<usize>,
        /// The passage that the phrase replaces.
        replaces: Option<String>,
    },
    /// The full text has the phrase, but not as often as the region wants: choose the first.
    FirstOccurrence,
}

/// How to insert a missing phrase; `None` if nothing is missing.
///
/// A passage that more than half consists of the phrase's words, and belongs to no other region, is taken for
/// an older wording and replaced. Otherwise the phrase is added at the end, before final punctuation.
pub fn repair(document: &Document, region: RegionId) -> Option<Repair> {
    let at = document.sheet.position(region)?;
    let meant = meant(&document.sheet);
    let region = &document.sheet.regions[at];
    let text = document.full_text();
    let mut searched = Searched::new(&text);
    let closest = match searched.find(&region.text, meant[at]) {
        Ok(_) | Err(BindProblem::BeyondLimit { .. }) => return None,
        Err(BindProblem::Occurrence { .. }) => return Some(Repair::FirstOccurrence),
        Err(BindProblem::Missing { closest, .. }) => closest,
    };
    let phrase = region.text.trim();
    let places =
        document.regions().zip(meant).filter_map(|(other, meant)| searched.find(&other.text, meant).ok());
    let taken: Vec<(usize, usize)> = places.flatten().collect();
    let is_free = |(start, end): (usize, usize)| taken.iter().all(|it| it.1 <= start || end <= it.0);
    let older = closest.filter(|closest| is_alike(closest, phrase)).and_then(|closest| {
        let start = text.find(&closest)?;
        let end = start + closest.len();
        is_free((start, end)).then(|| Repair::new(&text[..start], phrase, &text[end..], Some(closest)))
    });
    let body = text.trim_end();
    let before_stop = body.strip_suffix(['.', '!', '?']).filter(|body| !body.is_empty());
    let sentence =
        before_stop.map(|start| Repair::new(&format!("{start}, "), phrase, &text[start.len()..], None));
    let separator = if body.is_empty() { "" } else { SEPARATOR };
    let last = Repair::new(&format!("{body}{separator}"), phrase, "", None);
    // Punctuation at a phrase's ends may merge with that around it: then the phrase would still be missing.
    [older, sentence].into_iter().flatten().find(|repair| repair.binds(phrase)).or(Some(last))
}

impl Repair {
    fn new(before: &str, phrase: &str, after: &str, replaces: Option<String>) -> Self {
        let text = format!("{before}{phrase}{after}");
        Self::Text { text, phrase: before.len()..before.len() + phrase.len(), replaces }
    }

    fn binds(&self, phrase: &str) -> bool {
        match self {
            Self::Text { text, .. } => Searched::new(text).find(phrase, Occurrence::default()).is_ok(),
            Self::FirstOccurrence => true,
        }
    }
}

/// Whether they share more than half of the longer one's words.
fn is_alike(passage: &str, phrase: &str) -> bool {
    let lower = |text: &str| words(text).map(str::to_lowercase).collect::<Vec<_>>();
    let (passage, mut phrase) = (lower(passage), lower(phrase));
    let longer = passage.len().max(phrase.len());
    let mut common = 0;
    for word in &passage {
        if let Some(at) = phrase.iter().position(|other| other == word) {
            phrase.swap_remove(at);
            common += 1;
        }
    }
    2 * common > longer
}
