//! Locates the regions' texts in the prompt.

use api::{Passage, Tokens};
use diffusion::{ClipTokenizer, TokenizerError};
use layout::{BindError, BindProblem, Binding, FullText, Occurrence, Phrase};

/// Locates each text; missing ones do not keep the others from being found.
pub fn find(
    tokenizer: &ClipTokenizer,
    prompt: &str,
    regions: &[(&str, Option<Occurrence>)],
) -> Result<Tokens, TokenizerError> {
    let (split, limit) = (tokenizer.split(prompt)?, tokenizer.sequences().limit());
    let full = FullText { text: prompt, ids: &split.ids, offsets: &split.offsets };
    let parts = regions.iter().map(|(text, _)| tokenizer.split(text)).collect::<Result<Vec<_>, _>>()?;
    let mut phrases = diffusion::phrases(&full, regions.iter().copied(), &parts);
    let bind = |phrases: &[Phrase<'_>]| layout::bind(&full, phrases, limit);

    let mut passages = vec![Passage::Empty; regions.len()];
    let binding = bind(&phrases).or_else(|BindError { problems }| {
        for problem in problems {
            let (region, reason) = reason(&problem);
            passages[region] = Passage::Missing { reason };
            phrases[region].ids = &[];
        }
        bind(&phrases)
    });
    for (region, passage) in passages.iter_mut().enumerate() {
        if let Some((start, end)) = binding.as_ref().ok().and_then(|binding| bytes(binding, region, &full)) {
            *passage = Passage::At { start: start as u32, end: end as u32 };
        }
    }
    let count = |tokens: usize| tokens as u32;
    Ok(Tokens { used: count(split.ids.len()), limit: count(limit), regions: passages, unknown: Vec::new() })
}

/// Returns the byte range of a region's first passage in the prompt.
fn bytes(binding: &Binding, region: usize, full: &FullText<'_>) -> Option<(usize, usize)> {
    let span = binding.spans(region).next()?;
    let (first, last) = (full.offsets.get(span.start)?, full.offsets.get(span.end - 1)?);
    Some((full.text.floor_char_boundary(first.0), full.text.ceil_char_boundary(last.1)))
}

/// The region and what is wrong with its text, worded to be shown beside it.
fn reason(problem: &BindProblem) -> (usize, String) {
    match problem {
        BindProblem::Missing { region, closest: Some(closest), .. } => {
            (*region, format!("is not in the full text; closest to it: {closest}"))
        }
        BindProblem::Missing { region, closest: None, .. } => (*region, "is not in the full text".to_owned()),
        BindProblem::Occurrence { region, wanted, found, .. } => {
            (*region, format!("is in the full text {found} time(s); number {wanted} is wanted"))
        }
        BindProblem::BeyondLimit { region, limit, .. } => (
            *region,
            format!(
                "lies past token {limit} of the full text, where the model stops reading: move it forward, or shorten the text"
            ),
        ),
    }
}
