//! Texts as the tokenizer splits them, without its vocabulary.
//!
//! CLIP's tokenizer lower-cases a text, collapses white space and splits it into runs of letters, single
//! digits, runs of other signs, and the English contractions; each piece becomes tokens by itself. So a
//! phrase's tokens are in a text exactly where its pieces are, which can be told here.

use std::collections::HashMap;

use layout::{BindProblem, FullText, Occurrence, Phrase};

/// No limit: only the tokenizer knows how many tokens a piece has.
const NO_LIMIT: usize = usize::MAX;

/// The pieces of a text.
#[derive(Default)]
struct Pieces {
    ids: Vec<u32>,
    /// Where each piece is, in bytes.
    offsets: Vec<(usize, usize)>,
}

/// A full text, ready to be searched.
pub(crate) struct Searched<'a> {
    text: &'a str,
    known: HashMap<String, u32>,
    pieces: Pieces,
}

impl<'a> Searched<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut known = HashMap::new();
        let pieces = pieces(text, &mut known);
        Self { text, known, pieces }
    }

    /// The bytes of the occurrences of a text that are meant, from left to right; none if it is blank.
    ///
    /// # Errors
    /// If they are not there; the error names region 0, whichever it is.
    pub(crate) fn find(
        &mut self,
        text: &str,
        occurrence: Occurrence,
    ) -> Result<Vec<(usize, usize)>, BindProblem> {
        let phrase = pieces(text, &mut self.known);
        let phrase = Phrase { text, ids: &phrase.ids, occurrence };
        let full = self.full();
        match layout::bind(&full, &[phrase], NO_LIMIT) {
            Ok(binding) => Ok(binding
                .spans(0)
                .map(|span| (full.offsets[span.start].0, full.offsets[span.end - 1].1))
                .collect()),
            Err(mut error) => Err(error.problems.swap_remove(0)),
        }
    }

    /// The occurrence of a text that begins at a byte.
    pub(crate) fn occurrence_at(&mut self, text: &str, byte: usize) -> Option<Occurrence> {
        let phrase = pieces(text, &mut self.known);
        self.full().occurrence_at(byte, &phrase.ids)
    }

    fn full(&self) -> FullText<'_> {
        FullText { text: self.text, ids: &self.pieces.ids, offsets: &self.pieces.offsets }
    }
}

/// The class of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Letter,
    Digit,
    Sign,
}

fn kind(c: char) -> Kind {
    match c {
        _ if c.is_whitespace() => Kind::Space,
        _ if c.is_alphabetic() => Kind::Letter,
        _ if c.is_numeric() => Kind::Digit,
        _ => Kind::Sign,
    }
}

fn pieces(text: &str, known: &mut HashMap<String, u32>) -> Pieces {
    let mut pieces = Pieces::default();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let length = piece(&text[at..], first);
        if kind(first) != Kind::Space {
            let next = known.len() as u32;
            pieces.ids.push(*known.entry(text[at..at + length].to_lowercase()).or_insert(next));
            pieces.offsets.push((at, at + length));
        }
        at += length;
    }
    pieces
}

/// The length of the piece at the start of `text`, in bytes.
fn piece(text: &str, first: char) -> usize {
    const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    let begins = |it: &&&str| text.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it));
    if let Some(contraction) = CONTRACTIONS.iter().find(begins) {
        return contraction.len();
    }
    match kind(first) {
        Kind::Digit => first.len_utf8(),
        run => text.find(|c| kind(c) != run).unwrap_or(text.len()),
    }
}
