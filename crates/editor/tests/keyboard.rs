//! Everything by keys alone.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Message, Modifiers, Point, Rect, RegionEdit, SHORTCUTS, Shape, Tool, View};

const CTRL: Modifiers = Modifiers { command: true, ..NO_KEY };

#[test]
fn a_rectangle_is_drawn_by_keys_alone() {
    let mut editor = editor(512, 512, 1);
    press_key(&mut editor, "r", NO_KEY);
    assert_eq!(editor.tool(), Tool::Rectangle);
    for _ in 0..3 {
        assert!(press_key(&mut editor, "ArrowLeft", NO_KEY).handled);
    }
    assert_eq!(editor.overlay(), [Shape::Cross(Point::new(226.5, 256.5))]);
    press_key(&mut editor, "Enter", NO_KEY);
    for _ in 0..5 {
        press_key(&mut editor, "ArrowDown", NO_KEY);
        press_key(&mut editor, "ArrowRight", SHIFT);
    }
    let plan = press_key(&mut editor, "Enter", NO_KEY);
    assert!(plan.document);
    assert_eq!(bounds(&editor, 1), Rect::new(227, 257, 5, 50));
    press_key(&mut editor, "z", CTRL);
    assert_eq!(area(&editor, 1), 0);
    press_key(&mut editor, "Z", Modifiers { shift: true, ..CTRL });
    assert_eq!(area(&editor, 1), 250);
}

#[test]
fn a_stroke_and_a_polygon_are_drawn_by_keys_alone() {
    let mut editor = editor(512, 512, 1);
    press_key(&mut editor, "Enter", NO_KEY);
    for _ in 0..10 {
        press_key(&mut editor, "ArrowUp", NO_KEY);
    }
    assert!(editor.is_drawing());
    press_key(&mut editor, "Enter", NO_KEY);
    assert!(bounds(&editor, 1).height > 130 && editor.undo_steps() == 1);
    press_key(&mut editor, "l", NO_KEY);
    for arrow in ["ArrowLeft", "ArrowDown", "ArrowRight"] {
        press_key(&mut editor, "Enter", NO_KEY);
        for _ in 0..10 {
            press_key(&mut editor, arrow, NO_KEY);
        }
    }
    for _ in 0..2 {
        press_key(&mut editor, "Enter", NO_KEY);
    }
    assert_eq!(editor.undo_steps(), 2);
    assert!(area(&editor, 1) > 9000);
}

#[test]
fn keys_choose_regions_and_sizes() {
    let mut editor = editor(512, 512, 3);
    press_key(&mut editor, "2", NO_KEY);
    assert_eq!(editor.selected(), id(2));
    press_key(&mut editor, "n", NO_KEY);
    press_key(&mut editor, "n", NO_KEY);
    assert_eq!(editor.selected(), id(3));
    press_key(&mut editor, "p", NO_KEY);
    assert_eq!(editor.selected(), id(2));
    press_key(&mut editor, "a", NO_KEY);
    assert_eq!((editor.selected(), editor.document().regions().len()), (id(4), 5));
    let size = editor.brush_size();
    assert!(press_key(&mut editor, "]", NO_KEY).panels.tools);
    assert!(editor.brush_size() > size);
    press_key(&mut editor, "[", NO_KEY);
    press_key(&mut editor, "[", NO_KEY);
    assert!(editor.brush_size() < size);
}

#[test]
fn the_brush_reaches_its_ends_by_keys() {
    let mut editor = editor(512, 512, 1);
    for (key, end) in [("[", 1.0), ("]", 400.0)] {
        for _ in 0..40 {
            press_key(&mut editor, key, NO_KEY);
        }
        assert_eq!(editor.brush_size(), end);
    }
}

#[test]
fn a_key_of_no_meaning_is_left_to_the_page() {
    let mut editor = editor(512, 512, 1);
    for (key, modifiers) in
        [("b", CTRL), ("q", NO_KEY), ("Escape", NO_KEY), ("Backspace", NO_KEY), ("", NO_KEY)]
    {
        assert!(!press_key(&mut editor, key, modifiers).handled, "{key}");
    }
}

#[test]
fn a_shape_follows_shift_while_the_pointer_rests() {
    let mut editor = editor(512, 512, 1);
    send(&mut editor, Message::Tool(Tool::Rectangle));
    send(&mut editor, Message::PointerDown(pointer(10.0, 10.0)));
    send(&mut editor, Message::PointerMoved(pointer(50.0, 20.0)));
    let key = editor::Key { name: "Shift".to_owned(), modifiers: SHIFT };
    assert!(send(&mut editor, Message::KeyDown(key)).overlay);
    let outline = Shape::Rectangle { from: Point::new(10.0, 10.0), to: Point::new(50.0, 50.0) };
    assert_eq!(editor.overlay()[0], outline);
}

#[test]
fn every_tool_has_a_key_of_its_own() {
    let mut editor = editor(512, 512, 1);
    for tool in Tool::ALL {
        assert!(press_key(&mut editor, tool.key(), NO_KEY).handled);
        assert_eq!(editor.tool(), tool);
        assert!(SHORTCUTS.iter().all(|shortcut| shortcut.keys != tool.key()), "{tool:?}");
    }
}

#[test]
fn a_locked_region_is_named_by_keys_too() {
    let mut editor = editor(512, 512, 1);
    send(&mut editor, Message::Region(RegionEdit::Lock(id(1), true)));
    assert!(press_key(&mut editor, "Enter", NO_KEY).notice.is_some());
    assert!(!editor.is_drawing());
}

#[test]
fn the_mouse_ends_what_the_keys_began_and_draws() {
    let mut editor = editor(512, 512, 1);
    press_key(&mut editor, "Enter", NO_KEY);
    press_key(&mut editor, "ArrowUp", NO_KEY);
    drag(&mut editor, Tool::Brush, NO_KEY, &[(50.0, 50.0), (60.0, 50.0)]);
    assert_eq!(editor.undo_steps(), 2);
    assert!(editor.document().map().at(55, 50) == Some(id(1)) && !editor.is_drawing());
}

#[test]
fn the_drawing_point_stays_in_view() {
    let mut editor = editor(512, 512, 1);
    send(&mut editor, Message::View(View::Resized { width: 400.0, height: 400.0 }));
    send(&mut editor, Message::View(View::Zoom(8.0)));
    for _ in 0..20 {
        press_key(&mut editor, "ArrowLeft", NO_KEY);
    }
    let at = editor.viewport().to_view(Point::new(56.5, 256.5));
    assert!((0.0..400.0).contains(&at.x) && (0.0..400.0).contains(&at.y), "{at:?}");
}

#[test]
fn keys_move_the_view() {
    let mut editor = editor(512, 512, 1);
    send(&mut editor, Message::View(View::Resized { width: 400.0, height: 400.0 }));
    send(&mut editor, Message::View(View::Zoom(8.0)));
    let before = editor.viewport().offset;
    assert!(press_key(&mut editor, "ArrowRight", CTRL).handled);
    assert_eq!(editor.viewport().offset, Point::new(before.x - 64.0, before.y));
}
