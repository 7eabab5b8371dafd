//! From texts to embeddings: tokenise the full text and every region's, bind the phrases, encode, replace.

use std::sync::Arc;

use layout::{Binding, FullText, Phrase, TokenCount, bind};
use request::Generation;

use crate::error::DiffusionError;
use crate::models::TextEncoder;
use crate::tokenizer::{ClipTokenizer, Tokens};

/// The texts of a generation as tokens, each region's phrase bound to its place in the full text.
#[derive(Debug)]
pub(crate) struct Prompt {
    full: Tokens,
    negative: Tokens,
    regions: Vec<Tokens>,
    pub binding: Binding,
    /// What a user should know: text past the encoder's length, phrases that later ones cover.
    pub notes: Vec<String>,
}

/// Embeddings of one picture, each `[tokens, width]`.
#[derive(Debug)]
pub(crate) struct Embeddings {
    pub conditional: Vec<f32>,
    pub unconditional: Arc<[f32]>,
}

impl Prompt {
    /// Splits and binds the texts; fails with all phrases that are missing in the full text.
    pub fn tokenise(tokenizer: &ClipTokenizer, generation: &Generation) -> Result<Self, DiffusionError> {
        let full = tokenizer.split(&generation.prompt)?;
        let negative = tokenizer.split(&generation.negative_prompt)?;
        let regions = generation
            .regions
            .iter()
            .map(|region| tokenizer.split(&region.text))
            .collect::<Result<Vec<_>, _>>()?;
        let phrases: Vec<Phrase<'_>> = generation
            .regions
            .iter()
            .zip(&regions)
            .map(|(region, tokens)| Phrase {
                text: &region.text,
                ids: &tokens.ids,
                occurrence: region.occurrence,
            })
            .collect();
        let length = tokenizer.length();
        let binding = bind(&full_text(&generation.prompt, &full), &phrases, length)?;

        let mut notes = Vec::new();
        for (what, text, tokens) in
            [("text", &generation.prompt, &full), ("negative text", &generation.negative_prompt, &negative)]
        {
            let count = TokenCount::new(&full_text(text, tokens), length);
            if count.cut.is_some() {
                notes.push(format!("{what}: {count}"));
            }
        }
        for region in binding.shadowed() {
            let text = &generation.regions[region].text;
            notes.push(format!("region {region}: {text:?} has no effect, later regions claim all its words"));
        }
        Ok(Self { full, negative, regions, binding, notes })
    }

    /// Encodes every text by itself and puts each region's own embedding in its phrase's place in the full text's
    /// (paper, section 3.1; the original's `cond_embeddings`).
    pub fn encode(
        &self,
        tokenizer: &ClipTokenizer,
        encoder: &TextEncoder,
    ) -> Result<Embeddings, DiffusionError> {
        let encode = |tokens: &Tokens| encoder.encode(tokenizer.pad(&tokens.ids));
        let mut conditional = encode(&self.full)?.to_vec();
        let width = conditional.len() / tokenizer.length();
        for replacement in &self.binding.replacements {
            let own = encode(&self.regions[replacement.region])?;
            let (source, target) = (&replacement.source, &replacement.target);
            conditional[target.start * width..target.end * width]
                .copy_from_slice(&own[source.start * width..source.end * width]);
        }
        Ok(Embeddings { conditional, unconditional: encode(&self.negative)? })
    }
}

fn full_text<'a>(text: &'a str, tokens: &'a Tokens) -> FullText<'a> {
    FullText { text, ids: &tokens.ids, offsets: &tokens.offsets }
}
