//! Shapes, lasso, fill, move, eyedropper.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Message, Point, Rect, RegionEdit, Shape, Tool};
use proptest::prelude::*;

#[test]
fn a_rectangle_covers_whole_pixels_from_corner_to_corner() {
    for path in [[(10.2, 5.4), (30.6, 20.0)], [(30.6, 20.0), (10.2, 5.4)], [(10.2, 20.0), (30.6, 5.4)]] {
        let mut editor = editor(512, 64, 1);
        drag(&mut editor, Tool::Rectangle, NO_KEY, &path);
        assert_eq!(bounds(&editor, 1), Rect::new(10, 5, 21, 15));
        assert_eq!(area(&editor, 1), 21 * 15);
    }
}

#[test]
fn shift_makes_squares_and_circles_and_alt_draws_from_the_middle() {
    let mut editor = editor(512, 256, 1);
    drag(&mut editor, Tool::Rectangle, SHIFT, &[(100.0, 100.0), (140.0, 90.0)]);
    assert_eq!(bounds(&editor, 1), Rect::new(100, 60, 40, 40));
    let _ = editor.handle(Message::Undo);
    drag(&mut editor, Tool::Ellipse, ALT, &[(100.0, 100.0), (140.0, 90.0)]);
    assert_eq!(bounds(&editor, 1), Rect::new(60, 90, 80, 20));
    let expected = std::f64::consts::PI * 40.0 * 10.0;
    assert!((area(&editor, 1) as f64 / expected - 1.0).abs() < 0.02);
}

#[test]
fn an_ellipse_is_symmetric_and_stays_in_its_rectangle() {
    for (width, height) in [(1.0, 1.0), (2.0, 7.0), (31.0, 12.0), (500.0, 61.0)] {
        let mut editor = editor(512, 64, 1);
        drag(&mut editor, Tool::Ellipse, NO_KEY, &[(2.0, 1.0), (2.0 + width, 1.0 + height)]);
        assert_eq!(bounds(&editor, 1), Rect::new(2, 1, width as u32, height as u32));
        let all = pixels(&editor, 1);
        for (x, y) in &all {
            assert!(all.contains(&(3 + width as u32 - x, *y)) && all.contains(&(*x, 1 + height as u32 - y)));
        }
    }
}

#[test]
fn a_shape_is_shown_while_it_is_dragged_and_painted_at_the_end() {
    let mut editor = editor(512, 64, 1);
    send(&mut editor, Message::Tool(Tool::Rectangle));
    send(&mut editor, Message::PointerDown(pointer(10.0, 10.0)));
    let plan = send(&mut editor, Message::PointerMoved(pointer(20.0, 30.0)));
    assert!(plan.overlay && plan.dirty.is_none());
    let outline = Shape::Rectangle { from: Point::new(10.0, 10.0), to: Point::new(20.0, 30.0) };
    assert_eq!(editor.overlay()[0], outline);
    assert_eq!(area(&editor, 1), 0);
    let plan = send(&mut editor, Message::PointerUp(pointer(20.0, 30.0)));
    assert_eq!((plan.dirty, plan.document), (Some(Rect::new(10, 10, 10, 20)), true));
    assert!(editor.overlay().is_empty());
}

#[test]
fn a_dragged_lasso_closes_when_released() {
    let mut editor = editor(512, 64, 1);
    drag(&mut editor, Tool::Lasso, NO_KEY, &[(10.0, 10.0), (50.0, 10.0), (50.0, 40.0), (10.0, 40.0)]);
    assert_eq!((bounds(&editor, 1), area(&editor, 1)), (Rect::new(10, 10, 40, 30), 40 * 30));
}

#[test]
fn a_lasso_that_crosses_itself_fills_all_that_it_goes_around() {
    let mut editor = editor(512, 64, 1);
    // A square twice around: even-odd would leave it empty.
    let square = [(10.0, 10.0), (50.0, 10.0), (50.0, 50.0), (10.0, 50.0)];
    drag(&mut editor, Tool::Lasso, NO_KEY, &[square, square].concat());
    assert_eq!(area(&editor, 1), 40 * 40);
}

#[test]
fn clicks_make_a_polygon_that_a_click_on_the_first_corner_closes() {
    let mut editor = editor(512, 64, 1);
    for (x, y) in [(10.0, 10.0), (50.0, 10.0), (50.0, 40.0), (10.0, 40.0)] {
        click(&mut editor, Tool::Lasso, x, y);
        assert_eq!(area(&editor, 1), 0);
    }
    let plan = click(&mut editor, Tool::Lasso, 11.0, 11.0);
    assert!(plan.document && !editor.is_drawing());
    // The last click is a corner too, a pixel off the first.
    assert!((1150..=1200).contains(&area(&editor, 1)), "{}", area(&editor, 1));
}

#[test]
fn undo_takes_one_corner_of_a_polygon_back_and_what_came_before_it_only_then() {
    let mut editor = editor(512, 64, 1);
    assert!(!editor.can_undo());
    click(&mut editor, Tool::Brush, 20.0, 20.0);
    click(&mut editor, Tool::Lasso, 60.0, 20.0);
    let one = editor.overlay();
    let plan = click(&mut editor, Tool::Lasso, 100.0, 20.0);
    assert!(editor.can_undo());
    assert!(!plan.panels.history, "it could be undone before");
    send(&mut editor, Message::Undo);
    assert_eq!(editor.overlay(), one);
    send(&mut editor, Message::Undo);
    assert_eq!((editor.is_drawing(), editor.undo_steps()), (false, 1));
    send(&mut editor, Message::Undo);
    assert!(!editor.can_undo());
    assert!(click(&mut editor, Tool::Lasso, 60.0, 20.0).panels.history, "the first thing to be undone");
}

#[test]
fn a_polygon_is_closed_by_a_double_click_or_enter_and_left_by_escape() {
    let corners = [(10.0, 10.0), (50.0, 10.0), (50.0, 40.0)];
    let mut editor = editor(512, 64, 1);
    let begin = |editor: &mut editor::Editor| {
        for (x, y) in corners {
            click(editor, Tool::Lasso, x, y);
        }
    };
    begin(&mut editor);
    click(&mut editor, Tool::Lasso, 50.0, 40.0);
    let triangle = area(&editor, 1);
    assert!((triangle as i64 - 600).abs() < 40, "{triangle}");
    let _ = editor.handle(Message::Undo);
    begin(&mut editor);
    assert!(press_key(&mut editor, "Enter", NO_KEY).handled);
    assert_eq!(area(&editor, 1), triangle);
    let _ = editor.handle(Message::Undo);
    begin(&mut editor);
    assert!(press_key(&mut editor, "Backspace", NO_KEY).handled);
    assert!(press_key(&mut editor, "Escape", NO_KEY).handled);
    assert!(!editor.is_drawing() && editor.overlay().is_empty());
    assert_eq!(area(&editor, 1), 0);
}

#[test]
fn what_is_begun_is_finished_by_another_tool_or_a_new_region_and_waits_while_texts_are_written() {
    let mut editor = editor(512, 64, 1);
    send(&mut editor, Message::Tool(Tool::Brush));
    send(&mut editor, Message::PointerDown(pointer(20.0, 30.0)));
    let stroke = area(&editor, 1);
    assert!(stroke > 0 && editor.undo_steps() == 0);
    let plan = press_key(&mut editor, "r", NO_KEY);
    assert!(plan.document && !editor.is_drawing());
    // The button is still held, and what it does now belongs to no tool.
    send(&mut editor, Message::PointerUp(pointer(200.0, 60.0)));
    assert_eq!((area(&editor, 1), editor.undo_steps()), (stroke, 1));
    send(&mut editor, Message::Undo);
    assert_eq!(area(&editor, 1), 0);

    for (x, y) in [(10.0, 10.0), (50.0, 10.0), (50.0, 40.0)] {
        click(&mut editor, Tool::Lasso, x, y);
    }
    send(&mut editor, Message::Region(RegionEdit::Text(id(1), "a kite".to_owned())));
    send(&mut editor, Message::Region(RegionEdit::Weight(id(1), 1.5)));
    assert!(editor.is_drawing());
    send(&mut editor, Message::Region(RegionEdit::Add));
    let triangle = area(&editor, 1);
    assert!((triangle as i64 - 600).abs() < 40, "{triangle}");
    assert_eq!((area(&editor, 2), editor.selected()), (0, id(2)));
}

#[test]
fn fill_stops_at_other_regions_and_at_corners() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(100.0, 0.0), (110.0, 64.0)]);
    send(&mut editor, Message::Select(id(2)));
    click(&mut editor, Tool::Fill, 50.5, 30.5);
    assert_eq!((area(&editor, 2), area(&editor, 0)), (100 * 64, (512 - 110) * 64));
    // A single pixel of background, joined to the rest by a corner alone, stays.
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(200.0, 10.0), (201.0, 11.0)]);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(201.0, 11.0), (202.0, 12.0)]);
    send(&mut editor, Message::Select(id(1)));
    click(&mut editor, Tool::Fill, 200.5, 10.5);
    assert_eq!(area(&editor, 1), 10 * 64 + 1);
}

#[test]
fn fill_leaves_locked_regions_alone() {
    let mut editor = editor(512, 64, 2);
    click(&mut editor, Tool::Fill, 1.0, 1.0);
    send(&mut editor, Message::Region(RegionEdit::Lock(id(1), true)));
    send(&mut editor, Message::Select(id(2)));
    let plan = click(&mut editor, Tool::Fill, 1.0, 1.0);
    assert!(plan.notice.is_none() && area(&editor, 1) == 512 * 64);
    let plan = send(&mut editor, Message::PointerDown(pointer(1.0, 1.0)));
    assert_eq!(plan.notice.unwrap().to_string(), "region 1 is locked: unlock it first");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_moved_region_is_where_it_was_dragged_and_leaves_background(
        path in proptest::collection::vec((-300.0..600.0, -100.0..150.0), 1..5)
    ) {
        let mut editor = editor(512, 64, 3);
        drag(&mut editor, Tool::Ellipse, NO_KEY, &[(50.0, 10.0), (110.0, 50.0)]);
        send(&mut editor, Message::Select(id(2)));
        drag(&mut editor, Tool::Rectangle, NO_KEY, &[(200.0, 0.0), (300.0, 64.0)]);
        send(&mut editor, Message::Select(id(3)));
        drag(&mut editor, Tool::Rectangle, NO_KEY, &[(400.0, 0.0), (410.0, 64.0)]);
        send(&mut editor, Message::Region(RegionEdit::Lock(id(3), true)));
        let before = editor.document().clone();
        let source = pixels(&editor, 1);
        let start = (80.0, 30.0);
        drag(&mut editor, Tool::Move, NO_KEY, &[&[start], path.as_slice()].concat());
        let (x, y) = path[path.len() - 1];
        let (right, down) = ((x - start.0).round() as i64, (y - start.1).round() as i64);
        for (at, &old) in before.map().pixels().iter().enumerate() {
            let (x, y) = (at as i64 % 512, at as i64 / 512);
            let comes = u32::try_from(x - right).ok().zip(u32::try_from(y - down).ok());
            let comes = comes.is_some_and(|place| source.contains(&place));
            let expected = match old {
                3 => 3,
                _ if comes => 1,
                1 => 0,
                old => old,
            };
            prop_assert_eq!(editor.document().map().pixels()[at], expected, "({}, {})", x, y);
        }
        let _ = editor.handle(Message::Undo);
        prop_assert_eq!(editor.document(), &before);
    }

    #[test]
    fn a_triangle_has_the_pixels_whose_centres_it_holds(
        corners in proptest::collection::vec((0..4096i64, 0..512i64), 3)
    ) {
        let mut editor = editor(512, 64, 1);
        let path: Vec<(f64, f64)> = corners.iter().map(|(x, y)| (*x as f64 / 8.0, *y as f64 / 8.0)).collect();
        // Shorter drags are clicks, which set a corner.
        let far = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1) > 16.0;
        prop_assume!(far(path[0], path[1]) && far(path[1], path[2]) && far(path[0], path[2]));
        drag(&mut editor, Tool::Lasso, NO_KEY, &path);
        let side = |a: (i64, i64), b: (i64, i64), p: (i64, i64)| {
            ((b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0)).signum()
        };
        for (at, &pixel) in editor.document().map().pixels().iter().enumerate() {
            let p = (at as i64 % 512 * 8 + 4, at as i64 / 512 * 8 + 4);
            let [a, b, c] = [corners[0], corners[1], corners[2]];
            let sides = [side(a, b, p), side(b, c, p), side(c, a, p)];
            // Centres right on an edge may belong to either side.
            if sides.iter().all(|side| *side > 0) || sides.iter().all(|side| *side < 0) {
                prop_assert_eq!(pixel, 1);
            } else if !sides.contains(&0) {
                prop_assert_eq!(pixel, 0);
            }
        }
    }
}

#[test]
fn the_background_and_locked_regions_do_not_move() {
    let mut editor = editor(512, 64, 1);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(10.0, 10.0), (20.0, 20.0)]);
    let before = editor.document().map().clone();
    drag(&mut editor, Tool::Move, NO_KEY, &[(300.0, 30.0), (200.0, 30.0)]);
    for locked in [1, 0] {
        send(&mut editor, Message::Region(RegionEdit::Lock(id(locked), true)));
        drag(&mut editor, Tool::Move, NO_KEY, &[(15.0, 15.0), (200.0, 30.0)]);
        send(&mut editor, Message::Region(RegionEdit::Lock(id(locked), false)));
    }
    assert_eq!(editor.document().map(), &before);
}

#[test]
fn the_eyedropper_selects_the_region_under_the_pointer() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(10.0, 10.0), (20.0, 20.0)]);
    send(&mut editor, Message::Select(id(2)));
    send(&mut editor, Message::Tool(Tool::Eyedropper));
    let plan = send(&mut editor, Message::PointerDown(pointer(15.0, 15.0)));
    assert!(plan.panels.regions && !plan.document);
    assert_eq!(editor.selected(), id(1));
    send(&mut editor, Message::PointerUp(pointer(15.0, 15.0)));
    send(&mut editor, Message::PointerDown(pointer(-15.0, 15.0)));
    assert_eq!(editor.selected(), id(1));
}
