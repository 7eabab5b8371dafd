//! The full text and its phrases.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use std::num::NonZeroUsize;

use common::*;
use editor::{Editor, Message, Opened, Place, RegionEdit, Repair, Segment, TextEdit, repair, segments};
use layout::Occurrence;
use proptest::prelude::*;

fn with_texts(texts: &[&str]) -> Editor {
    let mut editor = editor(512, 64, texts.len());
    for (n, text) in texts.iter().enumerate() {
        send(&mut editor, Message::Region(RegionEdit::Text(id(n as u8 + 1), (*text).to_owned())));
    }
    editor
}

fn cut(editor: &Editor) -> Vec<Segment> {
    let document = editor.document();
    segments(document.full_text().len(), &document.phrases())
}

fn write(editor: &mut Editor, text: &str) {
    send(editor, Message::Text(TextEdit::Full(text.to_owned())));
}

fn place(editor: &Editor, region: u8) -> Place {
    editor.document().phrases().into_iter().find(|it| it.region == id(region)).unwrap().place
}

fn found(editor: &Editor, region: u8) -> Vec<String> {
    let text = editor.document().full_text();
    match place(editor, region) {
        Place::Found(ranges) => ranges.into_iter().map(|range| text[range].to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn only(range: std::ops::Range<usize>) -> Place {
    Place::Found(std::iter::once(range).collect())
}

#[test]
fn the_full_text_follows_until_it_is_edited_and_then_again() {
    let mut editor = with_texts(&["a cat", "", "a dog"]);
    assert_eq!(editor.document().full_text(), "a cat , a dog");
    assert!(editor.document().text_follows());
    write(&mut editor, "a cat and a dog");
    send(&mut editor, Message::Region(RegionEdit::Text(id(3), "a mouse".to_owned())));
    assert_eq!(editor.document().full_text(), "a cat and a dog");
    let plan = send(&mut editor, Message::Text(TextEdit::Follow));
    assert!(plan.panels.text);
    assert_eq!(editor.document().full_text(), "a cat , a mouse");
    write(&mut editor, "a cat");
    assert!(!editor.document().text_follows());
    write(&mut editor, "a cat , a mouse");
    assert!(editor.document().text_follows());
}

#[test]
fn phrases_are_found_as_whole_words_without_regard_to_case_and_space() {
    let mut editor = with_texts(&["a  Cat", "catalogue", "the man's hat", "7 cats", " "]);
    write(&mut editor, "Catalogues show A cat, the man's\nhat. 7 cats 77 cats");
    assert_eq!(found(&editor, 1), ["A cat"]);
    assert!(matches!(place(&editor, 2), Place::Missing { .. }));
    assert_eq!(found(&editor, 3), ["the man's\nhat"]);
    // "77" is two digits to the tokenizer, the last of which goes with "cats".
    assert_eq!(found(&editor, 4), ["7 cats"]);
    assert_eq!(place(&editor, 5), Place::Blank);
    assert_eq!(place(&editor, 0), Place::Blank);
}

#[test]
fn the_wanted_occurrence_is_found_or_the_count_is_told() {
    let mut editor = with_texts(&["a cat"]);
    write(&mut editor, "a cat, a cat and a cat");
    let mean = |editor: &mut Editor, occurrence| {
        send(editor, Message::Region(RegionEdit::Occurrence(id(1), occurrence)));
    };
    mean(&mut editor, Occurrence::Nth(NonZeroUsize::new(2).unwrap()));
    assert_eq!(place(&editor, 1), only(7..12));
    let count =
        |editor: &Editor| editor.document().phrases().iter().map(|it| it.occurrences).collect::<Vec<_>>();
    assert_eq!(count(&editor), [0, 3], "the background's text is blank");
    mean(&mut editor, Occurrence::All);
    assert_eq!(found(&editor, 1).len(), 3);
    mean(&mut editor, Occurrence::Nth(NonZeroUsize::new(4).unwrap()));
    assert_eq!(place(&editor, 1), Place::Fewer { wanted: 4, found: 3 });
    send(&mut editor, Message::Text(TextEdit::Repair(id(1))));
    assert_eq!(place(&editor, 1), only(0..5));
}

#[test]
fn while_the_full_text_follows_a_region_means_its_own_words() {
    let mut editor = with_texts(&["a big dog", "a dog", " ", " a dog", "dog"]);
    assert_eq!(editor.document().full_text(), "a big dog , a dog ,  a dog , dog");
    let at = |editor: &Editor, region, range| assert_eq!(place(editor, region), only(range));
    at(&editor, 2, 12..17);
    at(&editor, 4, 21..26);
    at(&editor, 5, 29..32);
    // The server finds the same by itself.
    assert!(editor.document().to_request().regions.iter().all(|region| region.occurrence.is_none()));
    // Where the words stand otherwise, they are found as before.
    send(&mut editor, Message::Region(RegionEdit::Reorder { id: id(4), to: 1 }));
    at(&editor, 4, 1..6);
    // What was chosen counts, after a reload too, which leaves the rest open.
    send(&mut editor, Message::Region(RegionEdit::Occurrence(id(4), Occurrence::All)));
    send(&mut editor, Message::Region(RegionEdit::Occurrence(id(5), Occurrence::default())));
    let again = Opened::of_project(&editor.document().to_project()).unwrap().document;
    assert_eq!(&again, editor.document());
    // A text of one's own begins with the first of each.
    write(&mut editor, "a dog and a dog");
    at(&editor, 2, 0..5);
}

#[test]
fn segments_mark_the_phrases_and_the_later_region_wins() {
    let mut editor = with_texts(&["a big cat", "cat"]);
    write(&mut editor, "so a big cat sat");
    let segment = |range, region: Option<u8>| Segment { range, region: region.map(id) };
    let expected =
        [segment(0..3, None), segment(3..9, Some(1)), segment(9..12, Some(2)), segment(12..16, None)];
    assert_eq!(cut(&editor), expected);
}

#[test]
fn the_models_tokenizer_has_the_last_word_about_a_place() {
    let mut editor = with_texts(&["a cat", "a dog"]);
    write(&mut editor, "a cat, a dog and a dog");
    send(&mut editor, Message::Region(RegionEdit::Occurrence(id(2), Occurrence::All)));
    let told = |region: usize, first| {
        let mut phrase = editor.document().phrases()[region].clone();
        phrase.correct(first);
        phrase.place
    };
    assert_eq!(told(2, Some(9..12)), Place::Found(vec![9..12, 17..22]));
    assert_eq!(told(2, None), Place::Found(vec![]));
    // The background has no text.
    assert_eq!(told(0, None), Place::Blank);
    write(&mut editor, "a car");
    let mut missing = editor.document().phrases()[1].clone();
    missing.correct(None);
    assert!(matches!(missing.place, Place::Missing { .. }));
    missing.correct(Some(0..5));
    assert!(matches!(missing.place, Place::Found(places) if places.iter().eq([&(0..5)])));
}

fn repaired(full: &str, texts: &[&str], region: u8) -> String {
    let mut editor = with_texts(texts);
    write(&mut editor, full);
    assert!(matches!(place(&editor, region), Place::Missing { .. }));
    let plan = send(&mut editor, Message::Text(TextEdit::Repair(id(region))));
    assert!(plan.panels.text && plan.document);
    assert_eq!(found(&editor, region).len(), 1);
    editor.document().full_text()
}

#[test]
fn a_missing_phrase_is_added_at_the_end_of_the_sentence() {
    let prose = "A couple in a street on a rainy night.";
    assert_eq!(
        repaired(prose, &["a yellow umbrella"], 1),
        "A couple in a street on a rainy night, a yellow umbrella."
    );
    assert_eq!(repaired("a cat , a mat", &["a dog"], 1), "a cat , a mat , a dog");
    // A phrase with a full stop of its own would melt with the sentence's.
    assert_eq!(repaired("A cat sat.", &["a mat."], 1), "A cat sat. , a mat.");
}

#[test]
fn an_older_wording_is_replaced_unless_another_region_means_it() {
    assert_eq!(
        repaired("a man with a yellow umbrella in the rain", &["a red umbrella"], 1),
        "a man with a red umbrella in the rain"
    );
    assert_eq!(
        repaired("a man with a yellow umbrella", &["a yellow umbrella", "a red umbrella"], 2),
        "a man with a yellow umbrella , a red umbrella"
    );
    assert_eq!(repaired("a cat on a mat", &["a dog"], 1), "a cat on a mat , a dog");
}

#[test]
fn a_repair_tells_what_it_will_do() {
    let mut editor = with_texts(&["a red umbrella"]);
    assert_eq!(repair(editor.document(), id(1)), None);
    write(&mut editor, "a yellow umbrella!");
    let expected = Repair::Text {
        text: "a red umbrella!".to_owned(),
        phrase: 0..14,
        replaces: Some("a yellow umbrella".to_owned()),
    };
    assert_eq!(repair(editor.document(), id(1)), Some(expected));
}

#[test]
fn a_blank_text_edited_by_hand_stays_blank_and_is_repaired_to_the_phrase() {
    let mut editor = with_texts(&["a cat"]);
    write(&mut editor, "");
    assert_eq!(editor.document().full_text(), "");
    send(&mut editor, Message::Text(TextEdit::Repair(id(1))));
    assert_eq!(editor.document().full_text(), "a cat");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_repair_always_binds_the_phrase_and_segments_always_join(
        full in "[a-c'.,!? 1é🐈]{0,30}",
        texts in proptest::collection::vec("[a-c'.,! 1é🐈]{0,8}", 1..4),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut editor = with_texts(&texts);
        write(&mut editor, &full);
        for region in 1..=texts.len() as u8 {
            let before = editor.document().full_text();
            send(&mut editor, Message::Text(TextEdit::Repair(id(region))));
            prop_assert!(!matches!(place(&editor, region), Place::Missing { .. } | Place::Fewer { .. }),
                "{:?} in {:?}, was {:?}", texts, editor.document().full_text(), before);
            let text = editor.document().full_text();
            let mut end = 0;
            for segment in cut(&editor) {
                prop_assert_eq!(segment.range.start, end);
                prop_assert!(text.is_char_boundary(segment.range.end));
                end = segment.range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
