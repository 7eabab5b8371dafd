//! Phrase binding, with a tokenizer of words: each word is a token.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::num::NonZeroUsize;

use layout::{BindProblem, FullText, Occurrence, Phrase, Replacement, TokenCount, bind};

struct Text {
    text: String,
    ids: Vec<u32>,
    offsets: Vec<(usize, usize)>,
}

impl Text {
    fn new(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let id = |word: &&str| {
            word.bytes().fold(7u32, |id, byte| id.wrapping_mul(31).wrapping_add(u32::from(byte)))
        };
        let offset = |word: &&str| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start, start + word.len())
        };
        let (ids, offsets) = (words.iter().map(id).collect(), words.iter().map(offset).collect());
        Self { text: text.to_owned(), ids, offsets }
    }

    fn full(&self) -> FullText<'_> {
        FullText { text: &self.text, ids: &self.ids, offsets: &self.offsets }
    }

    fn phrase(&self, occurrence: Occurrence) -> Phrase<'_> {
        Phrase { text: &self.text, ids: &self.ids, occurrence }
    }
}

fn nth(k: usize) -> Occurrence {
    Occurrence::Nth(NonZeroUsize::new(k).unwrap())
}

fn bound(full: &str, phrases: &[(&str, Occurrence)]) -> Result<layout::Binding, layout::BindError> {
    let (full, texts): (_, Vec<Text>) =
        (Text::new(full), phrases.iter().map(|(text, _)| Text::new(text)).collect());
    let phrases: Vec<Phrase> =
        texts.iter().zip(phrases).map(|(text, (_, occurrence))| text.phrase(*occurrence)).collect();
    bind(&full.full(), &phrases, 75)
}

#[test]
fn a_phrase_claims_the_tokens_of_its_first_occurrence() {
    let binding = bound("a cat and a cat on a mat", &[("a mat", nth(1)), ("a cat", nth(1))]).unwrap();
    let expected = [Replacement { region: 0, tokens: 6..8 }, Replacement { region: 1, tokens: 0..2 }];
    assert_eq!(binding.replacements, expected);
    assert_eq!(binding.token_regions(8), [2, 2, 0, 0, 0, 0, 1, 1]);
    assert_eq!(binding.token_regions(7).len(), 7, "the others may be cut off");
}

#[test]
fn another_occurrence_or_all_can_be_chosen() {
    let second = bound("a cat and a cat", &[("a cat", nth(2))]).unwrap();
    assert!(second.spans(0).eq(std::iter::once(3..5)));
    let all = bound("a cat and a cat", &[("a cat", Occurrence::All)]).unwrap();
    assert_eq!(all.spans(0).collect::<Vec<_>>(), [0..2, 3..5]);
    // Occurrences do not overlap.
    let all = bound("ha ha ha ha ha", &[("ha ha", Occurrence::All)]).unwrap();
    assert_eq!(all.spans(0).collect::<Vec<_>>(), [0..2, 2..4]);
}

#[test]
fn regions_of_the_same_text_can_mean_different_occurrences() {
    let regions = |first, second| {
        bound("a cat and a cat", &[("a cat", first), ("a cat", second)]).unwrap().token_regions(5)
    };
    assert_eq!(regions(nth(1), nth(2)), [1, 1, 0, 2, 2]);
    assert_eq!(regions(nth(2), nth(1)), [2, 2, 0, 1, 1]);
    assert_eq!(regions(nth(1), nth(1)), [2, 2, 0, 0, 0], "the later one has it alone");
}

#[test]
fn an_empty_text_binds_nothing() {
    let binding = bound("a cat", &[("", nth(1)), ("a cat", nth(1)), ("  ", Occurrence::All)]).unwrap();
    assert_eq!(binding.token_regions(2), [2, 2]);
}

#[test]
fn where_spans_overlap_the_later_region_has_the_tokens() {
    let binding =
        bound("a red car in snow", &[("snow", nth(1)), ("a red car", nth(1)), ("car", nth(1))]).unwrap();
    assert_eq!(binding.token_regions(5), [2, 2, 4, 0, 1]);
    assert!(binding.shadowed().is_empty());
    let hidden =
        bound("a red car in snow", &[("car", nth(1)), ("", nth(1)), ("red car in", nth(1))]).unwrap();
    assert_eq!(hidden.shadowed(), [0]);
}

#[test]
fn nothing_is_named_as_close_that_is_not() {
    let full = "a green meadow with a puppy and a blue car";
    for (phrase, wanted) in
        [("a dog", None), ("a red car", Some("a blue car")), ("a pupy", Some("a puppy")), ("the night", None)]
    {
        let error = bound(full, &[(phrase, nth(1))]).unwrap_err();
        let BindProblem::Missing { closest, .. } = &error.problems[0] else { panic!("{error}") };
        assert_eq!(closest.as_deref(), wanted, "{phrase}");
    }
}

#[test]
fn all_missing_phrases_are_named_with_the_closest_passage() {
    let full = "There is a cute monkey on a thick branch, under the wide blue sky";
    let phrases = [
        ("the blue sky", nth(1)),
        ("a thick branch,", nth(1)),
        ("a cute donkey", nth(1)),
        ("THICK BRANCHES", nth(1)),
    ];
    let error = bound(full, &phrases).unwrap_err();
    let closest: Vec<_> = error
        .problems
        .iter()
        .map(|problem| match problem {
            BindProblem::Missing { region, closest, .. } => (*region, closest.as_deref().unwrap()),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(closest, [(0, "wide blue sky"), (2, "a cute monkey"), (3, "thick branch")]);
    let line = error.to_string();
    assert!(
        line.contains(r#"region 2: "a cute donkey" is not in the full text (closest: "a cute monkey")"#),
        "{line}"
    );
    assert!(line.contains("word for word") && !line.contains('\n'), "{line}");
}

#[test]
fn a_phrase_without_any_likeness_is_named_alone() {
    let error = bound("", &[("a cat", nth(1))]).unwrap_err();
    let missing = BindProblem::Missing { region: 0, phrase: "a cat".to_owned(), closest: None };
    assert_eq!(error.problems, [missing]);
}

#[test]
fn a_long_phrase_does_not_make_a_long_message() {
    let error = bound("a cat\nand\na dog", &[(&"word\n".repeat(20_000), nth(1))]).unwrap_err().to_string();
    assert!(error.len() < 400 && !error.contains('\n'), "{error}");
}

#[test]
fn an_occurrence_that_is_not_there_is_an_error() {
    let error = bound("a cat and a cat", &[("a cat", nth(3))]).unwrap_err().to_string();
    assert!(error.contains("occurrence 3 of \"a cat\"") && error.contains("2 time(s)"), "{error}");
}

#[test]
fn a_phrase_beyond_the_limit_is_an_error() {
    let text = format!("{}a cat", "w ".repeat(73));
    assert!(bound(&text, &[("a cat", nth(1))]).unwrap().spans(0).eq(std::iter::once(73..75)));
    let text = format!("{}a cat", "w ".repeat(74));
    let error = bound(&text, &[("a cat", nth(1))]).unwrap_err().to_string();
    assert!(error.contains("ends at token 76") && error.contains("only 75 are used"), "{error}");
}

#[test]
fn of_all_occurrences_those_within_the_limit_are_meant() {
    let text = format!("a cat {}a cat", "w ".repeat(73));
    assert!(bound(&text, &[("a cat", Occurrence::All)]).unwrap().spans(0).eq(std::iter::once(0..2)));
    let text = format!("{}a cat a cat", "w ".repeat(74));
    assert!(bound(&text, &[("a cat", Occurrence::All)]).is_err());
}

#[test]
fn the_text_past_the_limit_is_reported() {
    let fits = Text::new(&"w ".repeat(75));
    assert_eq!(TokenCount::new(&fits.full(), 75), TokenCount { used: 75, limit: 75, cut: None });
    let long = Text::new(&format!("{}été, a cat", "w ".repeat(75)));
    let count = TokenCount::new(&long.full(), 75);
    let cut = count.cut.as_ref().unwrap();
    assert_eq!((count.used, cut.as_str()), (78, "été, a cat"));
    assert!(
        count.to_string().contains(r#"78 of 75 tokens; the text from "été, a cat" on is cut off"#),
        "{count}"
    );
}

#[test]
fn offsets_that_do_not_fit_the_text_do_no_harm() {
    let full = FullText { text: "é", ids: &[1, 2, 3], offsets: &[(0, 1), (1, 9)] };
    assert_eq!(TokenCount::new(&full, 1).cut.unwrap(), "é");
    assert_eq!(TokenCount::new(&full, 2).cut.unwrap(), "");
}
