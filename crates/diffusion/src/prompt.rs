//! From texts to embeddings: tokenise the full text and every region's, bind the phrases, encode, replace.

use layout::{Binding, FullText, Occurrence, Phrase, Replacement, TokenCount, bind};
use request::{Generation, Region, own_places};

use crate::error::DiffusionError;
use crate::text_encoder::{Encoded, TextEncoder};
use crate::tokenizer::{ClipTokenizer, Sequences, Tokens};

/// The texts of a generation as tokens, each region's phrase bound to its place in the full text.
#[derive(Debug)]
pub(crate) struct Prompt {
    full: Tokens,
    negative: Tokens,
    regions: Vec<Tokens>,
    sequences: Sequences,
    pub binding: Binding,
    /// Notes for the user: text past the limit, phrases that later ones cover.
    pub notes: Vec<String>,
}

/// Embeddings of one picture.
#[derive(Debug)]
pub(crate) struct Embeddings {
    pub conditional: Encoded,
    pub unconditional: Encoded,
}

impl Prompt {
    /// Tokenises and binds the texts; fails with all phrases that are missing from the full text.
    pub fn tokenise(tokenizer: &ClipTokenizer, generation: &Generation) -> Result<Self, DiffusionError> {
        let full = tokenizer.split(&generation.prompt)?;
        let negative = tokenizer.split(&generation.negative_prompt)?;
        let regions = generation
            .regions
            .iter()
            .map(|region| tokenizer.split(&region.text))
            .collect::<Result<Vec<_>, _>>()?;
        let whole = full_text(&generation.prompt, &full);
        let asked = generation.regions.iter().map(|Region { text, occurrence }| (text.as_str(), *occurrence));
        let phrases = phrases(&whole, asked, &regions);
        let sequences = tokenizer.sequences();
        let binding = bind(&whole, &phrases, sequences.limit())?;

        let mut notes = Vec::new();
        for (what, text, tokens) in
            [("text", &generation.prompt, &full), ("negative text", &generation.negative_prompt, &negative)]
        {
            let count = TokenCount::new(&full_text(text, tokens), sequences.limit());
            if count.cut.is_some() {
                notes.push(format!("{what}: {count}"));
            }
        }
        for region in binding.shadowed() {
            let text = &generation.regions[region].text;
            notes.push(format!("region {region}: {text:?} has no effect, later regions claim all its words"));
        }
        Ok(Self { full, negative, regions, sequences, binding, notes })
    }

    /// Returns the number of sequences that both the full and the negative text take.
    fn sequences(&self) -> usize {
        let count = |tokens: &Tokens| self.sequences.count(tokens.ids.len());
        count(&self.full).max(count(&self.negative))
    }

    /// Returns the regions of each position of the embeddings as bit sets; 0 where there are none, as for
    /// start, end and padding.
    pub fn token_regions(&self) -> Vec<i32> {
        let mut regions = vec![0; self.sequences() * self.sequences.length()];
        let tokens = self.full.ids.len().min(self.sequences.limit());
        for (n, region) in self.binding.token_regions(tokens).into_iter().enumerate() {
            regions[self.sequences.position(n)] = region;
        }
        regions
    }

    /// Encodes every text by itself and replaces each phrase's embeddings in the full text by its region's
    /// own (paper, section 3.1; the original's `cond_embeddings`).
    pub fn encode(&self, encoder: &TextEncoder) -> Result<Embeddings, DiffusionError> {
        let mut conditional = encoder.encode(&self.full.ids, self.sequences())?;
        let width = conditional.tokens.len() / (self.sequences() * self.sequences.length());
        let place = |token| {
            let start = self.sequences.position(token) * width;
            start..start + width
        };
        for Replacement { region, tokens } in &self.binding.replacements {
            let ids = &self.regions[*region].ids;
            let own = encoder.encode(ids, self.sequences.count(ids.len()))?;
            for (n, token) in tokens.clone().enumerate() {
                conditional.tokens[place(token)].copy_from_slice(&own.tokens[place(n)]);
            }
        }
        let unconditional = encoder.encode_negative(&self.negative.ids, self.sequences())?;
        Ok(Embeddings { conditional, unconditional })
    }
}

/// Returns the regions' texts with their `tokens`, each with the occurrence it refers to: the requested one;
/// else its own, where the full text is the texts joined; else the first.
pub fn phrases<'a>(
    full: &FullText<'_>,
    regions: impl Iterator<Item = (&'a str, Option<Occurrence>)> + Clone,
    tokens: &'a [Tokens],
) -> Vec<Phrase<'a>> {
    let own_places = own_places(full.text, regions.clone().map(|(text, _)| text));
    let phrase = |(n, (text, asked)): (usize, (&'a str, Option<Occurrence>))| {
        let ids = &tokens[n].ids;
        let own = || own_places.as_ref().and_then(|places| full.occurrence_at(places[n], ids));
        Phrase { text, ids, occurrence: asked.or_else(own).unwrap_or_default() }
    };
    regions.enumerate().map(phrase).collect()
}

fn full_text<'a>(text: &'a str, tokens: &'a Tokens) -> FullText<'a> {
    FullText { text, ids: &tokens.ids, offsets: &tokens.offsets }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use request::{Defaults, GenerationRequest, LayoutRequest, RegionRequest};

    use super::*;

    /// Returns the offsets of the words of the full text that each region claims.
    fn claimed(texts: &[&str], prompt: Option<&str>) -> Vec<Vec<usize>> {
        let tokenizer =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints/sd1/tokenizer");
        let tokenizer = ClipTokenizer::open(&tokenizer, 77).expect("the fixture's");
        let region = |text: &&str| RegionRequest { text: (*text).to_owned(), ..RegionRequest::default() };
        let regions = texts.iter().map(region).collect();
        let mut request = GenerationRequest::new(LayoutRequest::Path("layout.png".to_owned()), regions);
        request.prompt = prompt.map(str::to_owned);
        let generation = request.parse(&Defaults::default()).expect("a request");
        let prompt = Prompt::tokenise(&tokenizer, &generation).expect("all phrases are there");
        let offsets = &prompt.full.offsets;
        let bytes = |n| prompt.binding.spans(n).map(|span| offsets[span.start].0).collect();
        (0..texts.len()).map(bytes).collect()
    }

    #[test]
    fn in_joined_texts_each_region_claims_its_own_words() {
        assert_eq!(claimed(&["a meadow", "a dog", " a dog"], None), [[0], [11], [20]]);
        assert_eq!(claimed(&["a dog house", "", "a dog"], None), [vec![0], vec![], vec![14]]);
        // Its own in joined texts, whoever joined them; the first in any other text, as in the original.
        assert_eq!(claimed(&["a red car", "red"], Some("a red car , red")), [[0], [12]]);
        assert_eq!(claimed(&["a dog house", "a dog"], Some("a dog house and a dog")), [[0], [0]]);
    }
}
