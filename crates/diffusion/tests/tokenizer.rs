//! The tokenizer against transformers' `CLIPTokenizer`, by the recorded ids.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::{Run, fixtures};
use diffusion::ClipTokenizer;
use proptest::prelude::*;

fn tokenizer(run: &Run) -> ClipTokenizer {
    ClipTokenizer::open(&run.checkpoint.join("tokenizer"), 77).unwrap()
}

#[test]
fn ids_are_those_of_transformers_for_every_kind_of_tokenizer_file() {
    for name in ["sd1", "sd2", "shallow", "oblong"] {
        let run = Run::open(name);
        let tokenizer = tokenizer(&run);
        let ids = |text: &str| tokenizer.sequences().input_ids(&tokenizer.split(text).unwrap().ids);
        assert_eq!(ids(&run.generation.prompt), run.i64("ids.prompt"), "{name}: prompt");
        assert_eq!(ids(&run.generation.negative_prompt), run.i64("ids.negative"), "{name}: negative");
        for (n, region) in run.generation.regions.iter().enumerate() {
            assert_eq!(ids(&region.text), run.i64(&format!("ids.region_{n}")), "{name}: region {n}");
        }
    }
}

#[test]
fn any_writing_is_split_as_transformers_splits_it() {
    let recorded = std::fs::read_to_string(fixtures().join("reference/tokens.json")).unwrap();
    let recorded: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&recorded).unwrap();
    for (name, texts) in recorded {
        let folder = fixtures().join("checkpoints").join(&name).join("tokenizer");
        let tokenizer = ClipTokenizer::open(&folder, 77).unwrap();
        for entry in texts.as_array().unwrap() {
            let text = entry["text"].as_str().unwrap();
            let ids: Vec<i64> =
                entry["ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
            let ours = tokenizer.split(text).unwrap().ids.into_iter().map(i64::from);
            assert_eq!(ours.collect::<Vec<_>>(), ids[1..ids.len() - 1], "{name}: {text:?}");
        }
    }
}

#[test]
fn a_long_text_is_split_whole_and_padded_to_the_length() {
    let tokenizer = tokenizer(&Run::open("sd1"));
    let tokens = tokenizer.split(&"a red balloon ".repeat(50)).unwrap();
    assert_eq!(tokens.ids.len(), 150);
    let padded = tokenizer.sequences().input_ids(&tokens.ids);
    assert_eq!((padded.len(), padded[0], padded[76]), (77, 49406, 49407));
}

proptest! {
    #[test]
    fn any_text_is_split_and_offsets_lie_within_it(text in "\\PC{0,60}") {
        static TOKENIZER: LazyLock<ClipTokenizer> = LazyLock::new(|| tokenizer(&Run::open("shallow")));
        let tokens = TOKENIZER.split(&text).unwrap();
        prop_assert_eq!(tokens.ids.len(), tokens.offsets.len());
        for (start, end) in tokens.offsets {
            prop_assert!(text.get(start..end).is_some(), "{}..{} of {:?}", start, end, text);
        }
    }
}

#[test]
fn the_embedded_model_knows_what_words_it_was_never_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/scenes/tokenizer");
    let tokenizer = ClipTokenizer::open(&folder, 77).unwrap();
    let unknown = |text: &str| tokenizer.words_in_pieces(text).unwrap().join(" ");
    assert_eq!(unknown("a purple teapot, and a castle"), "");
    assert_eq!(unknown("A Unicorn beside a castle, dragons"), "Unicorn dragons");
}
