//! Fingers, pens and mice together; zoom and pan.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Button, Editor, Key, Message, Modifiers, Notice, Point, Pointer, Tool, View};
use proptest::prelude::*;

fn seen(editor: &mut Editor) {
    send(editor, Message::View(View::Resized { width: 600.0, height: 400.0 }));
}

#[test]
fn a_second_finger_leaves_no_paint_and_zooms() {
    let mut editor = editor(512, 512, 1);
    seen(&mut editor);
    let (before, view) = (editor.document().clone(), editor.viewport());
    send(&mut editor, Message::PointerDown(touch(1, 200.0, 200.0)));
    send(&mut editor, Message::PointerMoved(touch(1, 240.0, 200.0)));
    assert!(area(&editor, 1) > 0);
    let middle = view.to_map(Point::new(270.0, 200.0));
    let plan = send(&mut editor, Message::PointerDown(touch(2, 300.0, 200.0)));
    assert!(plan.dirty.is_some() && !plan.document);
    assert_eq!(editor.document(), &before);
    send(&mut editor, Message::PointerMoved(touch(1, 200.0, 200.0)));
    let plan = send(&mut editor, Message::PointerMoved(touch(2, 360.0, 220.0)));
    assert!(plan.view);
    // From 60 pixels apart to 161; what was between them still is.
    assert!((editor.viewport().scale / view.scale - 160f64.hypot(20.0) / 60.0).abs() < 1e-9);
    let now = editor.viewport().to_map(Point::new(280.0, 210.0));
    assert!((now.x - middle.x).abs() < 1e-6 && (now.y - middle.y).abs() < 1e-6, "{now:?} {middle:?}");
    // The finger that is left over does not draw.
    send(&mut editor, Message::PointerUp(touch(1, 200.0, 200.0)));
    send(&mut editor, Message::PointerMoved(touch(2, 100.0, 100.0)));
    send(&mut editor, Message::PointerUp(touch(2, 100.0, 100.0)));
    assert_eq!((editor.document(), editor.undo_steps()), (&before, 0));
    // The next one does.
    send(&mut editor, Message::PointerDown(touch(3, 200.0, 200.0)));
    send(&mut editor, Message::PointerUp(touch(3, 200.0, 200.0)));
    assert_eq!(editor.undo_steps(), 1);
}

#[test]
fn a_pinch_in_the_middle_of_a_polygon_takes_only_its_own_corner_back() {
    let mut editor = editor(512, 512, 1);
    seen(&mut editor);
    send(&mut editor, Message::Tool(Tool::Lasso));
    for (x, y) in [(200.0, 100.0), (300.0, 100.0), (300.0, 200.0)] {
        send(&mut editor, Message::PointerDown(touch(1, x, y)));
        send(&mut editor, Message::PointerUp(touch(1, x, y)));
    }
    let before = editor.overlay();
    send(&mut editor, Message::PointerDown(touch(1, 220.0, 220.0)));
    send(&mut editor, Message::PointerDown(touch(2, 250.0, 220.0)));
    send(&mut editor, Message::PointerUp(touch(2, 250.0, 220.0)));
    send(&mut editor, Message::PointerUp(touch(1, 220.0, 220.0)));
    assert_eq!(editor.overlay(), before);
    assert!(press_key(&mut editor, "Enter", NO_KEY).document);
}

#[test]
fn a_hand_beside_the_pen_does_not_draw() {
    let mut editor = editor(512, 512, 1);
    // Before the pen and while it draws.
    send(&mut editor, Message::PointerDown(touch(1, 400.0, 400.0)));
    send(&mut editor, Message::PointerDown(pen(100.0, 100.0, 1.0)));
    send(&mut editor, Message::PointerDown(touch(2, 450.0, 450.0)));
    send(&mut editor, Message::PointerMoved(touch(2, 300.0, 450.0)));
    send(&mut editor, Message::PointerMoved(touch(1, 300.0, 400.0)));
    send(&mut editor, Message::PointerMoved(pen(150.0, 100.0, 1.0)));
    send(&mut editor, Message::PointerUp(pen(150.0, 100.0, 0.0)));
    send(&mut editor, Message::PointerUp(touch(1, 300.0, 400.0)));
    send(&mut editor, Message::PointerUp(touch(2, 300.0, 450.0)));
    assert_eq!(editor.undo_steps(), 1);
    let painted = bounds(&editor, 1);
    assert!(painted.right() < 250 && painted.bottom() < 200, "{painted:?}");
    // Between two strokes, which is told once; fingers still zoom.
    let mut tap = || {
        let plan = send(&mut editor, Message::PointerDown(touch(1, 400.0, 400.0)));
        send(&mut editor, Message::PointerUp(touch(1, 400.0, 400.0)));
        plan.notice
    };
    assert_eq!([tap(), tap()], [Some(Notice::Pen), None]);
    assert_eq!((editor.undo_steps(), bounds(&editor, 1)), (1, painted));
    seen(&mut editor);
    let scale = editor.viewport().scale;
    send(&mut editor, Message::PointerDown(touch(1, 200.0, 200.0)));
    send(&mut editor, Message::PointerDown(touch(2, 300.0, 200.0)));
    send(&mut editor, Message::PointerMoved(touch(2, 400.0, 200.0)));
    assert!(editor.viewport().scale > 1.9 * scale);
}

#[test]
fn a_stroke_that_the_browser_takes_away_leaves_nothing() {
    let mut editor = editor(512, 512, 1);
    let before = editor.document().clone();
    send(&mut editor, Message::PointerDown(pointer(100.0, 100.0)));
    send(&mut editor, Message::PointerMoved(pointer(400.0, 300.0)));
    let plan = send(&mut editor, Message::PointerCancelled(1));
    assert!(plan.dirty.is_some());
    assert_eq!((editor.document(), editor.undo_steps(), editor.is_drawing()), (&before, 0, false));
}

#[test]
fn undo_in_the_middle_of_a_stroke_takes_just_the_stroke_back() {
    let mut editor = editor(512, 512, 1);
    click(&mut editor, Tool::Brush, 100.0, 100.0);
    let before = editor.document().clone();
    send(&mut editor, Message::PointerDown(pointer(300.0, 100.0)));
    send(&mut editor, Message::Undo);
    send(&mut editor, Message::PointerMoved(pointer(310.0, 150.0)));
    send(&mut editor, Message::PointerUp(pointer(310.0, 150.0)));
    assert_eq!(editor.document(), &before);
}

#[test]
fn the_wheel_zooms_about_the_pointer() {
    let mut editor = editor(512, 512, 1);
    seen(&mut editor);
    let at = Point::new(350.0, 120.0);
    let (place, scale) = (editor.viewport().to_map(at), editor.viewport().scale);
    let wheel = Message::Wheel { at, delta: Point::new(0.0, -300.0), modifiers: Modifiers::default() };
    let plan = send(&mut editor, wheel);
    assert!(plan.view && plan.handled && editor.viewport().scale > scale * 1.4);
    let now = editor.viewport().to_map(at);
    assert!((now.x - place.x).abs() < 1e-9 && (now.y - place.y).abs() < 1e-9);
}

#[test]
fn space_the_middle_button_and_the_hand_move_the_view_and_do_not_draw() {
    let mut editor = editor(512, 512, 1);
    seen(&mut editor);
    let pans = |editor: &mut Editor, button| {
        let offset = editor.viewport().offset;
        send(editor, Message::PointerDown(Pointer { button, ..pointer(300.0, 200.0) }));
        send(editor, Message::PointerMoved(pointer(310.0, 190.0)));
        send(editor, Message::PointerUp(pointer(310.0, 190.0)));
        let now = editor.viewport().offset;
        (now.x - offset.x, now.y - offset.y) == (10.0, -10.0)
    };
    assert!(pans(&mut editor, Button::Middle));
    let space = Key { name: " ".to_owned(), modifiers: Modifiers::default() };
    assert!(send(&mut editor, Message::KeyDown(space.clone())).handled);
    assert_eq!(editor.cursor(), "grab");
    assert!(pans(&mut editor, Button::Primary));
    send(&mut editor, Message::KeyUp(space));
    send(&mut editor, Message::Tool(Tool::Hand));
    assert!(pans(&mut editor, Button::Primary));
    send(&mut editor, Message::Tool(Tool::Brush));
    assert_eq!(area(&editor, 1), 0);
    assert!(!pans(&mut editor, Button::Primary));
    assert!(area(&editor, 1) > 0);
}

#[test]
fn fit_shows_the_whole_map_in_the_middle() {
    let mut editor = editor(768, 512, 1);
    seen(&mut editor);
    send(&mut editor, Message::View(View::Zoom(7.0)));
    send(&mut editor, Message::View(View::Pan(Point::new(500.0, 90.0))));
    send(&mut editor, Message::View(View::Fit));
    let view = editor.viewport();
    let (from, to) = (view.to_view(Point::new(0.0, 0.0)), view.to_view(Point::new(768.0, 512.0)));
    assert!(from.x >= 0.0 && from.y >= 0.0 && to.x <= 600.0 && to.y <= 400.0);
    assert!((from.x + to.x - 600.0).abs() < 1e-9 && (from.y + to.y - 400.0).abs() < 1e-9);
    assert!(to.x - from.x > 500.0);
}

#[test]
fn a_map_that_fits_still_fits_in_another_size_of_the_view_and_one_that_was_zoomed_stays_so() {
    let mut editor = editor(512, 512, 1);
    seen(&mut editor);
    let turn = |editor: &mut Editor, width, height| {
        send(editor, Message::View(View::Resized { width, height }));
        editor.viewport()
    };
    for (width, height) in [(400.0, 900.0), (300.0, 100.0), (600.0, 400.0)] {
        let turned = turn(&mut editor, width, height);
        send(&mut editor, Message::View(View::Fit));
        assert_eq!(turned, editor.viewport());
    }
    send(&mut editor, Message::View(View::Zoom(2.0)));
    let (scale, middle) = (editor.viewport().scale, editor.viewport().to_map(Point::new(300.0, 200.0)));
    let turned = turn(&mut editor, 400.0, 900.0);
    assert_eq!((turned.scale, turned.to_map(Point::new(200.0, 450.0))), (scale, middle));
}

proptest! {
    #[test]
    fn the_map_never_leaves_the_view(
        moves in proptest::collection::vec((0..4usize, -3000.0..3000.0, -3000.0..3000.0), 1..20)
    ) {
        let mut editor = editor(512, 256, 1);
        seen(&mut editor);
        for (kind, x, y) in moves {
            let at = Point::new(x, y);
            send(&mut editor, match kind {
                0 => Message::View(View::Pan(at)),
                1 => Message::View(View::Zoom(f64::exp(x / 1000.0))),
                2 => Message::Wheel { at, delta: Point::new(x, y), modifiers: SHIFT },
                _ => Message::Wheel { at, delta: Point::new(y, x), modifiers: NO_KEY },
            });
            let view = editor.viewport();
            let middle = view.to_map(Point::new(300.0, 200.0));
            prop_assert!((-1e-6..=512.0 + 1e-6).contains(&middle.x), "{:?}", middle);
            prop_assert!((-1e-6..=256.0 + 1e-6).contains(&middle.y), "{:?}", middle);
            let back = view.to_view(view.to_map(at));
            prop_assert!((back.x - x).abs() < 1e-6 && (back.y - y).abs() < 1e-6);
        }
    }
}
