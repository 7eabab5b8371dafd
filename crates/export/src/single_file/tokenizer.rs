//! CLIP's tokenizer files, which a single file lacks: all Stable Diffusion versions share one vocabulary.

use serde_json::{Map, Value, json};

use super::Version;

/// Byte-pair merges of OpenAI's CLIP, as transformers writes them; the licence is beside them.
const MERGES: &str = include_str!("merges.txt");

const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";

/// The files of a folder `tokenizer/`.
#[derive(Clone, Debug)]
pub struct TokenizerFiles {
    /// `vocab.json`: tokens and their ids.
    pub vocabulary: Value,
    /// `merges.txt`.
    pub merges: String,
    /// `special_tokens_map.json`.
    pub special_tokens: Value,
}

impl TokenizerFiles {
    /// Returns those published with a version, one per text encoder: they differ in their padding.
    pub fn of(version: Version) -> Vec<Self> {
        let paddings: &[&str] = match version {
            Version::Sd1 => &[END],
            Version::Sd2 => &["!"],
            Version::Xl => &[END, "!"],
        };
        paddings.iter().map(|padding| Self::padded_with(padding)).collect()
    }

    fn padded_with(padding: &str) -> Self {
        let letters: Vec<String> = alphabet().map(String::from).collect();
        let merged = MERGES.lines().filter(|line| !line.starts_with("#version") && !line.is_empty());
        let tokens = letters
            .iter()
            .cloned()
            .chain(letters.iter().map(|letter| format!("{letter}</w>")))
            .chain(merged.map(|pair| pair.replace(' ', "")))
            .chain([START.to_owned(), END.to_owned()]);
        Self {
            vocabulary: tokens
                .zip(0..)
                .map(|(token, id)| (token, Value::from(id)))
                .collect::<Map<_, _>>()
                .into(),
            merges: MERGES.to_owned(),
            special_tokens: json!({ "bos_token": START, "eos_token": END, "pad_token": padding, "unk_token": END }),
        }
    }
}

/// A printable character for each byte, in the order of GPT-2's and CLIP's vocabularies.
fn alphabet() -> impl Iterator<Item = char> {
    let printable = || ('!'..='~').chain('¡'..='¬').chain('®'..='ÿ');
    let others = 256 - printable().count();
    printable().chain(('\u{100}'..).take(others))
}
