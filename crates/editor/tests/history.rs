//! Undo and redo.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Document, DocumentEdit, Message, Parameter, RegionEdit, TextEdit, Tool};

#[test]
fn all_parameters_are_reset_in_one_step() {
    let mut editor = editor(512, 64, 1);
    let set = [Parameter::WSelf(Some(0.2)), Parameter::Steps(Some(9)), Parameter::Seed(Some(1))];
    set.into_iter().for_each(|parameter| drop(send(&mut editor, Message::Parameter(parameter))));
    let before = editor.document().parameters().clone();
    send(&mut editor, Message::ResetParameters);
    assert_eq!(*editor.document().parameters(), Default::default());
    send(&mut editor, Message::Undo);
    assert_eq!(*editor.document().parameters(), before);
}

#[test]
fn two_hundred_strokes_across_the_whole_map_are_all_remembered() {
    let mut editor = editor(1024, 1024, 12);
    let start = editor.undo_steps();
    for n in 0..200 {
        send(&mut editor, Message::Select(id(1 + n % 12)));
        send(&mut editor, Message::BrushSize(60.0));
        let y = f64::from(n) * 5.0;
        drag(&mut editor, Tool::Brush, NO_KEY, &[(0.0, y), (1024.0, 1024.0 - y)]);
    }
    assert_eq!(editor.undo_steps(), start + 200);
    for _ in 0..200 {
        send(&mut editor, Message::Undo);
    }
    assert_eq!(area(&editor, 0), 1024 * 1024);
    assert_eq!((editor.undo_steps(), editor.redo_steps()), (start, 200));
}

#[test]
fn the_oldest_steps_are_forgotten_when_many_are_large() {
    // Documents of noise, which no run-length coding makes small.
    let noise = |seed: u32| {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [[255, 255, 255, 255], [0, 114, 178, 255]][(state >> 31) as usize]
        };
        let rgba: Vec<u8> = (0..1024 * 1024).flat_map(|_| next()).collect();
        let picture = layout::Picture { width: 1024, height: 1024, rgba: &rgba };
        let import = editor::Import::new(picture, layout::ColorMatch::Exact).unwrap();
        import.document(size(1024, 1024), &Document::default()).document
    };
    let documents = [noise(1), noise(2)];
    let mut editor = editor(1024, 1024, 1);
    for n in 0..60 {
        let load = DocumentEdit::Load(Box::new(documents[n % 2].clone()));
        send(&mut editor, Message::Document(load));
    }
    assert!((10..60).contains(&editor.undo_steps()), "{}", editor.undo_steps());
    while editor.undo_steps() > 0 {
        send(&mut editor, Message::Undo);
    }
    assert!(documents.contains(editor.document()));
}

#[test]
fn typing_in_one_field_is_one_step_and_another_field_another() {
    let mut editor = editor(512, 64, 2);
    let start = (editor.document().clone(), editor.undo_steps());
    for text in ["a", "a c", "a cat"] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(1), text.to_owned())));
    }
    for text in ["a", "a dog"] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(2), text.to_owned())));
    }
    for text in ["a cat and", "a cat and a dog"] {
        send(&mut editor, Message::Text(TextEdit::Full(text.to_owned())));
    }
    for w_cross in [0.1, 0.2, 0.3] {
        send(&mut editor, Message::Parameter(Parameter::WCross(Some(w_cross))));
    }
    assert_eq!(editor.undo_steps(), start.1 + 4);
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document().parameters().w_cross, None);
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document().full_text(), "a cat , a dog");
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document().full_text(), "a cat");
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document(), &start.0);
}

#[test]
fn what_is_typed_is_taken_back_word_by_word() {
    let mut editor = editor(512, 64, 1);
    let typed = "a red car";
    for end in 1..=typed.len() {
        send(&mut editor, Message::Region(RegionEdit::Text(id(1), typed[..end].to_owned())));
    }
    for left in ["a red ", "a ", ""] {
        send(&mut editor, Message::Undo);
        assert_eq!(editor.document().full_text(), left);
    }
}

#[test]
fn leaving_a_field_ends_its_step() {
    let mut editor = editor(512, 64, 1);
    let text = |text: &str| Message::Region(RegionEdit::Text(id(1), text.to_owned()));
    send(&mut editor, text("a cat"));
    send(&mut editor, Message::Blurred);
    send(&mut editor, text("a cat on a mat"));
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document().full_text(), "a cat");
}

#[test]
fn what_is_typed_and_deleted_again_is_no_step() {
    let mut editor = editor(512, 64, 1);
    for text in ["x", ""] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(1), text.to_owned())));
    }
    assert_eq!(editor.undo_steps(), 0);
}

#[test]
fn a_field_that_came_back_to_where_it_was_takes_no_other_step_with_it() {
    let mut editor = editor(512, 64, 1);
    drag(&mut editor, Tool::Brush, NO_KEY, &[(100.0, 30.0), (200.0, 30.0)]);
    for text in ["x", "", "y"] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(1), text.to_owned())));
    }
    assert_eq!(editor.undo_steps(), 2);
    send(&mut editor, Message::Undo);
    assert!(area(&editor, 1) > 0 && editor.document().full_text().is_empty());
    send(&mut editor, Message::Undo);
    assert_eq!(area(&editor, 1), 0);
}

#[test]
fn what_changes_nothing_is_no_step() {
    let mut editor = editor(512, 64, 2);
    let steps = editor.undo_steps();
    for message in [
        Message::Region(RegionEdit::Clear(id(2))),
        Message::Region(RegionEdit::Recolor(id(1), editor.document().region(id(1)).unwrap().color)),
        Message::Region(RegionEdit::PaletteColors),
        Message::Region(RegionEdit::Reorder { id: id(1), to: 0 }),
        Message::Text(TextEdit::Follow),
        Message::Parameter(Parameter::Steps(None)),
        Message::Document(DocumentEdit::Resize(size(512, 64))),
    ] {
        let plan = send(&mut editor, message.clone());
        assert!(!plan.document && !plan.panels.history, "{message:?}");
    }
    drag(&mut editor, Tool::Eraser, NO_KEY, &[(0.0, 0.0), (50.0, 50.0)]);
    assert_eq!(editor.undo_steps(), steps);
}

#[test]
fn a_new_step_forgets_what_was_undone() {
    let mut editor = editor(512, 64, 1);
    click(&mut editor, Tool::Brush, 100.0, 30.0);
    send(&mut editor, Message::Undo);
    assert_eq!(editor.redo_steps(), 1);
    click(&mut editor, Tool::Brush, 200.0, 30.0);
    assert_eq!((editor.undo_steps(), editor.redo_steps()), (1, 0));
}

#[test]
fn another_size_is_undone_to_the_very_pixels() {
    let mut editor = editor(512, 512, 1);
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(33.0, 21.0), (401.0, 300.0)]);
    let before = editor.document().clone();
    let plan = send(&mut editor, Message::Document(DocumentEdit::Resize(size(768, 520))));
    assert!(plan.resized && plan.dirty == Some(editor.document().map().rect()));
    assert_eq!((editor.document().map().width(), editor.document().map().height()), (768, 520));
    let plan = send(&mut editor, Message::Undo);
    assert!(plan.resized && plan.dirty == Some(before.map().rect()));
    assert_eq!(editor.document(), &before);
}

#[test]
fn what_an_editor_begins_with_cannot_be_undone_and_is_not_new() {
    let mut editor = editor(512, 512, 1);
    drag(&mut editor, Tool::Brush, NO_KEY, &[(10.0, 10.0), (30.0, 30.0)]);
    let other = Document::new(request::Size::new(128, 256).unwrap());
    let plan = send(&mut editor, Message::Document(DocumentEdit::Begin(Box::new(other.clone()))));
    assert!(plan.resized && plan.panels.parameters && !plan.document);
    assert_eq!((editor.undo_steps(), editor.redo_steps()), (0, 0));
    send(&mut editor, Message::Undo);
    assert_eq!(*editor.document(), other);
}

#[test]
fn a_size_that_nobody_chose_is_no_step_and_undo_does_not_bring_it_back() {
    let mut editor = editor(512, 512, 1);
    let adopt = |side| Message::Document(DocumentEdit::Adopt(size(side, side)));
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(33.0, 21.0), (401.0, 300.0)]);
    send(&mut editor, Message::Text(TextEdit::Full("a dog".to_owned())));
    let (steps, map) = (editor.undo_steps(), editor.document().map().clone());
    let plan = send(&mut editor, adopt(256));
    assert!(plan.document && plan.panels.parameters && !plan.resized);
    assert_eq!((editor.document().picture(), editor.document().map()), (size(256, 256), &map));
    assert_eq!(editor.undo_steps(), steps);
    for _ in 0..steps {
        send(&mut editor, Message::Undo);
        assert_eq!(editor.document().picture(), size(256, 256));
    }
    // Where the map must be another, it is a step as any size.
    let plan = send(&mut editor, adopt(768));
    assert!(plan.resized && editor.undo_steps() == 1);
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document().picture(), size(256, 256));
}

#[test]
fn sizes_that_are_tried_in_a_row_lose_nothing() {
    let mut editor = editor(512, 512, 2);
    let resize = |width, height| Message::Document(DocumentEdit::Resize(size(width, height)));
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(33.0, 21.0), (401.0, 300.0)]);
    let before = editor.document().map().clone();
    for (width, height) in [(256, 1024), (1024, 256), (512, 512)] {
        send(&mut editor, resize(width, height));
    }
    assert_eq!(editor.document().map(), &before);
    // What is drawn in between is kept, and is what the next sizes come from.
    send(&mut editor, resize(1024, 512));
    click(&mut editor, Tool::Fill, 0.0, 0.0);
    send(&mut editor, resize(512, 512));
    assert_ne!(editor.document().map(), &before);
}

#[test]
fn a_region_that_was_deleted_does_not_come_back_with_the_size() {
    let mut editor = editor(512, 512, 2);
    let resize = |width, height| Message::Document(DocumentEdit::Resize(size(width, height)));
    send(&mut editor, Message::Select(id(2)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(10.0, 101.0), (500.0, 102.0)]);
    assert!(area(&editor, 2) > 0);
    send(&mut editor, resize(1024, 64));
    assert_eq!(area(&editor, 2), 0, "too thin for this size");
    send(&mut editor, Message::Region(RegionEdit::Remove(id(2))));
    send(&mut editor, resize(512, 512));
    assert!(is_sound(editor.document()) && area(&editor, 2) == 0);
}
