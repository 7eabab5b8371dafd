//! The list of regions.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{DocumentEdit, Message, Parameter, RegionEdit, RegionId, Tool, palette};

#[test]
fn there_are_31_regions_and_no_more() {
    let mut editor = editor(512, 64, 31);
    assert_eq!(editor.document().regions().len(), 32);
    let plan = send(&mut editor, Message::Region(RegionEdit::Add));
    assert!(plan.notice.unwrap().to_string().starts_with("there can be no more than 31 regions"));
    assert_eq!(editor.document().layout().regions(), 32);
}

#[test]
fn a_removed_regions_pixels_are_background_and_its_number_is_free() {
    let mut editor = editor(512, 64, 3);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    let before = editor.document().clone();
    let plan = send(&mut editor, Message::Region(RegionEdit::Remove(id(1))));
    assert!(plan.panels.regions && plan.dirty.is_some());
    assert_eq!((area(&editor, 0), editor.selected()), (512 * 64, id(2)));
    let numbers: Vec<u8> = editor.document().regions().map(|region| region.id.number()).collect();
    assert_eq!(numbers, [0, 2, 3]);
    send(&mut editor, Message::Region(RegionEdit::Add));
    assert_eq!(editor.selected(), id(1));
    send(&mut editor, Message::Undo);
    send(&mut editor, Message::Undo);
    assert_eq!(editor.document(), &before);
}

#[test]
fn the_background_cannot_be_removed() {
    let mut editor = editor(512, 64, 1);
    send(&mut editor, Message::Region(RegionEdit::Remove(RegionId::BACKGROUND)));
    send(&mut editor, Message::Region(RegionEdit::Merge { from: RegionId::BACKGROUND, into: id(1) }));
    assert_eq!(editor.document().regions().len(), 2);
}

#[test]
fn a_merged_region_hands_over_its_pixels_and_a_text_where_there_is_none() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    send(&mut editor, Message::Region(RegionEdit::Text(id(1), "a cat".to_owned())));
    send(&mut editor, Message::Region(RegionEdit::Merge { from: id(1), into: id(2) }));
    assert_eq!((area(&editor, 2), editor.selected()), (100, id(2)));
    assert_eq!(editor.document().region(id(2)).unwrap().text, "a cat");
    assert!(editor.document().region(id(1)).is_none());
}

#[test]
fn an_inverted_region_changes_places_with_the_background_alone() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    send(&mut editor, Message::Select(id(2)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(20.0, 0.0), (40.0, 10.0)]);
    send(&mut editor, Message::Region(RegionEdit::Invert(id(1))));
    assert_eq!((area(&editor, 0), area(&editor, 1), area(&editor, 2)), (100, 512 * 64 - 300, 200));
    send(&mut editor, Message::Region(RegionEdit::Clear(id(2))));
    assert_eq!((area(&editor, 0), area(&editor, 2)), (300, 0));
}

#[test]
fn locked_regions_are_neither_cleared_nor_removed_nor_merged_nor_inverted() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    let edits = [
        RegionEdit::Clear(id(1)),
        RegionEdit::Remove(id(1)),
        RegionEdit::Merge { from: id(1), into: RegionId::BACKGROUND },
        RegionEdit::Invert(id(1)),
    ];
    for locked in [id(1), RegionId::BACKGROUND] {
        send(&mut editor, Message::Region(RegionEdit::Lock(locked, true)));
        let before = editor.document().clone();
        for edit in &edits {
            let plan = send(&mut editor, Message::Region(edit.clone()));
            assert!(plan.notice.is_some() && !plan.document, "{edit:?}");
        }
        assert_eq!(editor.document(), &before);
        send(&mut editor, Message::Region(RegionEdit::Lock(locked, false)));
    }
}

#[test]
fn the_order_of_the_list_is_that_of_the_texts_and_of_the_layout() {
    let mut editor = editor(512, 64, 3);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    for (region, text) in [(1, "a cat"), (2, "a dog"), (3, "a mat")] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(region), text.to_owned())));
    }
    let plan = send(&mut editor, Message::Region(RegionEdit::Reorder { id: id(1), to: 9 }));
    assert!(plan.panels.text && plan.dirty.is_none());
    assert_eq!(editor.document().full_text(), "a dog , a mat , a cat");
    assert_eq!(editor.document().layout().areas(), [512 * 64 - 100, 0, 0, 100]);
}

#[test]
fn settings_are_brought_into_their_ranges() {
    let mut editor = editor(512, 64, 1);
    send(&mut editor, Message::Region(RegionEdit::Weight(id(1), 7.0)));
    send(&mut editor, Message::Region(RegionEdit::Window { id: id(1), start: 0.8, end: 0.4 }));
    send(&mut editor, Message::Region(RegionEdit::Weight(id(1), f64::NAN)));
    let region = editor.document().region(id(1)).unwrap();
    assert_eq!((region.weight, region.start, region.end), (2.0, 0.4, 0.4));
    let long = "é".repeat(10_001);
    let plan = send(&mut editor, Message::Region(RegionEdit::Text(id(1), long)));
    assert_eq!(plan.notice.unwrap().to_string(), "a text can have 10000 characters at most: it was cut off");
    assert_eq!(editor.document().region(id(1)).unwrap().text.chars().count(), 10_000);
}

#[test]
fn a_highlighted_region_is_clear_and_the_others_are_faded() {
    let mut editor = editor(512, 64, 1);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    let plan = send(&mut editor, Message::Highlight(Some(id(1))));
    let rect = plan.dirty.unwrap();
    assert_eq!(rect, editor.document().map().rect());
    let mut rgba = vec![0; 4 * rect.area()];
    editor.paint_rgba(rect, &mut rgba);
    let [r, g, b] = palette::COLORS[0];
    assert_eq!(rgba[..4], [r, g, b, 255]);
    assert_eq!(rgba[40..43], [255; 3]);
    assert!(rgba[43] < 128);
    // What is highlighted and removed is highlighted no longer.
    send(&mut editor, Message::Region(RegionEdit::Remove(id(1))));
    assert_eq!(editor.highlight(), None);
}

#[test]
fn numbers_are_written_inside_their_regions() {
    let mut editor = editor(512, 512, 3);
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(100.0, 100.0), (300.0, 300.0)]);
    send(&mut editor, Message::Select(id(2)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(401.0, 3.0), (402.0, 511.0)]);
    let labels = editor.document().labels();
    assert_eq!(labels.iter().map(|label| label.0).collect::<Vec<_>>(), [id(1), id(2)]);
    let (_, middle, room) = labels[0];
    assert!((middle.x - 200.0).abs() < 8.0 && (middle.y - 200.0).abs() < 8.0, "{middle:?}");
    assert!((85.0..=100.0).contains(&room), "{room}");
    let (_, thin, room) = labels[1];
    assert_eq!(editor.document().map().at(thin.x as u32, thin.y as u32), Some(id(2)));
    assert_eq!(room, 0.0);
}

#[test]
fn the_number_of_an_oblong_region_is_in_its_middle() {
    for (width, height) in [(40.0, 400.0), (400.0, 40.0)] {
        let mut editor = editor(512, 512, 1);
        drag(&mut editor, Tool::Rectangle, NO_KEY, &[(20.0, 20.0), (20.0 + width, 20.0 + height)]);
        let (_, middle, _) = editor.document().labels()[0];
        let off = (middle.x - 20.0 - width / 2.0, middle.y - 20.0 - height / 2.0);
        assert!(off.0.abs() < 8.0 && off.1.abs() < 8.0, "{width} by {height}: {off:?}");
    }
}

#[test]
fn what_is_half_done_is_named_by_what_it_lacks() {
    let mut editor = editor(512, 64, 4);
    let write = |editor: &mut _, region, text: &str| {
        send(editor, Message::Region(RegionEdit::Text(id(region), text.to_owned())));
    };
    // Drawn alone, described alone, both, neither; the background lacks nothing.
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (10.0, 10.0)]);
    write(&mut editor, 2, "a cat");
    send(&mut editor, Message::Select(id(3)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(20.0, 0.0), (30.0, 10.0)]);
    write(&mut editor, 3, "a dog");
    assert_eq!(editor.document().half_done(), [vec![id(1)], vec![id(2)]]);
    write(&mut editor, 2, " ");
    assert_eq!(editor.document().half_done(), [vec![id(1)], vec![]]);
}

#[test]
fn the_move_tool_selects_what_it_takes_hold_of_and_delete_clears_what_is_selected() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(10.0, 10.0), (20.0, 20.0)]);
    send(&mut editor, Message::Select(id(2)));
    drag(&mut editor, Tool::Move, NO_KEY, &[(15.0, 15.0), (15.0, 15.0)]);
    assert_eq!((editor.selected(), area(&editor, 1)), (id(1), 100));
    drag(&mut editor, Tool::Move, NO_KEY, &[(300.0, 30.0), (300.0, 30.0)]);
    assert_eq!(editor.selected(), id(1), "the background is not taken hold of");
    assert!(press_key(&mut editor, "Delete", NO_KEY).document);
    assert_eq!(area(&editor, 1), 0);
    send(&mut editor, Message::Undo);
    assert_eq!(area(&editor, 1), 100);
}

#[test]
fn a_new_drawing_keeps_the_settings_but_not_the_seed_of_the_last() {
    let mut editor = editor(512, 64, 1);
    let size = editor.document().picture();
    send(&mut editor, Message::Parameter(Parameter::Seed(Some(7))));
    send(&mut editor, Message::Parameter(Parameter::Steps(Some(9))));
    send(&mut editor, Message::Document(DocumentEdit::New(size)));
    let parameters = editor.document().parameters();
    assert_eq!((parameters.seed, parameters.steps), (None, Some(9)));
}
