//! Which tokens of the full text belong to which region.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::passage::{closest, shorten};

/// The full text, tokenized without start and end token and without truncation.
#[derive(Clone, Copy, Debug)]
pub struct FullText<'a> {
    /// The text.
    pub text: &'a str,
    /// Its token ids.
    pub ids: &'a [u32],
    /// Each token's place in the text as (start, end) in bytes, as `tokenizers::Encoding::get_offsets` gives them.
    pub offsets: &'a [(usize, usize)],
}

/// A region's text, tokenized without start and end token and without truncation.
#[derive(Clone, Copy, Debug)]
pub struct Phrase<'a> {
    /// The text; without tokens it binds nothing.
    pub text: &'a str,
    /// Its token ids.
    pub ids: &'a [u32],
    /// The occurrence in the full text that is meant.
    pub occurrence: Occurrence,
}

/// Which occurrence of its phrase in the full text a region refers to. Occurrences are counted from left to
/// right and do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// The k-th, from 1.
    Nth(NonZeroUsize),
    /// All of them.
    All,
}

impl Default for Occurrence {
    /// The first.
    fn default() -> Self {
        Self::Nth(NonZeroUsize::MIN)
    }
}

/// A phrase that cannot be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindProblem {
    /// The phrase does not occur.
    #[error("region {region}: {:?} is not in the full text{}", shorten(phrase), match closest {
        Some(passage) => format!(" (closest: {:?})", shorten(passage)),
        None => String::new(),
    })]
    Missing {
        /// Index of the region.
        region: usize,
        /// Its text.
        phrase: String,
        /// The passage of the full text that is most like it.
        closest: Option<String>,
    },
    /// The phrase occurs, but not often enough.
    #[error(
        "region {region}: occurrence {wanted} of {:?} is asked for, but the full text has it {found} time(s)",
        shorten(phrase)
    )]
    Occurrence {
        /// Index of the region.
        region: usize,
        /// Its text.
        phrase: String,
        /// The occurrence asked for, from 1.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// The phrase lies beyond what the text encoder sees.
    #[error(
        "region {region}: {:?} ends at token {end} of the full text, of which only {limit} are used: move it forward or shorten the text",
        shorten(phrase)
    )]
    BeyondLimit {
        /// Index of the region.
        region: usize,
        /// Its text.
        phrase: String,
        /// The phrase's last token, counted from 1.
        end: usize,
        /// How many tokens are used.
        limit: usize,
    },
}

/// All phrases that cannot be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; each region text must appear word for word in the full text: change one or the other, or leave the region text empty", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct BindError {
    /// The problems, by region.
    pub problems: Vec<BindProblem>,
}

/// Tokens of the full text whose embeddings are replaced by those of the region's own text, from its first on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Index of the region.
    pub region: usize,
    /// As many tokens as the region's text has.
    pub tokens: Range<usize>,
}

/// The tokens that the regions claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// In this order: by region, then from left to right; where spans overlap, the later replacement wins.
    pub replacements: Vec<Replacement>,
}

impl Binding {
    /// The spans of region `n` in the full text's tokens.
    pub fn spans(&self, n: usize) -> impl Iterator<Item = Range<usize>> {
        self.replacements.iter().filter(move |replacement| replacement.region == n).map(|r| r.tokens.clone())
    }

    /// The regions of the first `count` tokens as bit sets (bit n = region n); 0 for unclaimed tokens.
    ///
    /// Where spans overlap, only the last region has the token, as in the original, and its embedding.
    pub fn token_regions(&self, count: usize) -> Vec<i32> {
        let mut regions = vec![0; count];
        for Replacement { region, tokens } in &self.replacements {
            for token in tokens.clone().take_while(|token| *token < count) {
                regions[token] = 1 << region;
            }
        }
        regions
    }

    /// The regions that lost every token to a later region: their texts have no effect, worth a warning.
    pub fn shadowed(&self) -> Vec<usize> {
        let count = self.replacements.iter().map(|r| r.tokens.end).max().unwrap_or(0);
        let kept = self.token_regions(count).into_iter().fold(0, |set, token| set | token);
        let mut regions: Vec<usize> = self.replacements.iter().map(|r| r.region).collect();
        regions.dedup();
        regions.retain(|region| kept & (1 << region) == 0);
        regions
    }
}

/// Finds the phrase of each region in the full text, of which `limit` tokens are used. Regions are numbered
/// as in `phrases`, the background first; at most 32 are considered.
///
/// # Errors
/// Every phrase that does not occur (with the closest passage), not as often as asked, or not within the limit.
pub fn bind(full: &FullText<'_>, phrases: &[Phrase<'_>], limit: usize) -> Result<Binding, BindError> {
    let (mut replacements, mut problems) = (Vec::new(), Vec::new());
    for (region, phrase) in phrases.iter().enumerate().take(crate::MAX_REGIONS) {
        match find(full, region, phrase, limit) {
            Ok(starts) => replacements.extend(
                starts
                    .into_iter()
                    .map(|start| Replacement { region, tokens: start..start + phrase.ids.len() }),
            ),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(Binding { replacements }) } else { Err(BindError { problems }) }
}

/// The token indices at which the wanted occurrences of a phrase begin.
fn find(
    full: &FullText<'_>,
    region: usize,
    phrase: &Phrase<'_>,
    limit: usize,
) -> Result<Vec<usize>, BindProblem> {
    if phrase.ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = phrase.text.to_owned();
    let all = occurrences(full.ids, phrase.ids);
    if all.is_empty() {
        let closest = closest(full.text, phrase.text).map(str::to_owned);
        return Err(BindProblem::Missing { region, phrase: text, closest });
    }
    let wanted = match phrase.occurrence {
        Occurrence::All => all,
        Occurrence::Nth(n) => match all.get(n.get() - 1) {
            Some(&start) => vec![start],
            None => {
                let (wanted, found) = (n.get(), all.len());
                return Err(BindProblem::Occurrence { region, phrase: text, wanted, found });
            }
        },
    };
    let end = |start: &usize| start + phrase.ids.len();
    match wanted.first().map(end) {
        Some(end) if end > limit => Err(BindProblem::BeyondLimit { region, phrase: text, end, limit }),
        // Of the occurrences that are meant, those within the limit.
        _ => Ok(wanted.into_iter().filter(|start| end(start) <= limit).collect()),
    }
}

impl FullText<'_> {
    /// The occurrence of the phrase `ids` that begins at a byte of the text.
    pub fn occurrence_at(&self, byte: usize, ids: &[u32]) -> Option<Occurrence> {
        if ids.is_empty() {
            return None;
        }
        let starts = occurrences(self.ids, ids);
        let before = starts.iter().position(|start| self.offsets[*start].0 == byte)?;
        NonZeroUsize::new(before + 1).map(Occurrence::Nth)
    }
}

fn occurrences(full: &[u32], phrase: &[u32]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (start, window) in full.windows(phrase.len()).enumerate() {
        if window == phrase && found.last().is_none_or(|last| last + phrase.len() <= start) {
            found.push(start);
        }
    }
    found
}
