//! Brush and eraser.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Button, Editor, Message, Modifiers, Point, Pointer, PointerKind, RegionEdit, Sample, Tool};
use proptest::prelude::*;

const WIDTH: i64 = 512;
const HEIGHT: i64 = 64;

/// A sample in eighths of a pixel, the editor's own grid: place and diameter.
type Stamp = (i128, i128, i128);

/// Whether a pixel's centre is in the hull of two discs, by the definition: some t in 0..1 has the centre within the
/// disc between them at t. The squared distance less the squared radius is a parabola in t.
fn is_covered(x: i64, y: i64, from: Stamp, to: Stamp) -> bool {
    // In sixteenths, where the diameters are radii of whole numbers.
    let (px, py) = (i128::from(16 * x + 8) - 2 * from.0, i128::from(16 * y + 8) - 2 * from.1);
    let (dx, dy, dr) = (2 * (to.0 - from.0), 2 * (to.1 - from.1), to.2 - from.2);
    let start = px * px + py * py - from.2 * from.2;
    let slope = -2 * (px * dx + py * dy + from.2 * dr);
    let bend = dx * dx + dy * dy - dr * dr;
    let lowest_is_between = bend > 0 && slope < 0 && -slope < 2 * bend;
    start <= 0 || start + slope + bend <= 0 || (lowest_is_between && 4 * bend * start <= slope * slope)
}

fn pen_sample(stamp: Stamp, size: f64) -> Sample {
    let at = Point::new(stamp.0 as f64 / 8.0, stamp.1 as f64 / 8.0);
    Sample { at, pressure: (stamp.2 as f64 / 8.0 / size) as f32 }
}

fn pen_of(samples: Vec<Sample>) -> Pointer {
    Pointer { kind: PointerKind::Pen, samples, ..Pointer::mouse(0.0, 0.0) }
}

/// Draws with a pen whose pressure gives the diameters, several samples to an event.
fn draw(editor: &mut Editor, path: &[Stamp], per_event: usize) {
    let size = 64.0;
    send(editor, Message::BrushSize(size));
    let samples: Vec<Sample> = path.iter().map(|stamp| pen_sample(*stamp, size)).collect();
    send(editor, Message::PointerDown(pen_of(samples[..1].to_vec())));
    for samples in samples[1..].chunks(per_event) {
        send(editor, Message::PointerMoved(pen_of(samples.to_vec())));
    }
    send(editor, Message::PointerUp(pen_of(samples[samples.len() - 1..].to_vec())));
}

fn stamps() -> impl Strategy<Value = Vec<Stamp>> {
    // Diameters in even eighths, so that radii are whole eighths; 64 is the brush, 6.4 the lightest pressure's.
    let stamp = (-400..4500i128, -400..900i128, 28..=256i128).prop_map(|(x, y, d)| (x, y, 2 * d));
    proptest::collection::vec(stamp, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_stroke_is_the_union_of_the_capsules_between_its_samples(path in stamps(), per_event in 1..4usize) {
        let mut editor = editor(WIDTH, HEIGHT, 1);
        draw(&mut editor, &path, per_event);
        let pairs: Vec<(Stamp, Stamp)> = if path.len() == 1 {
            vec![(path[0], path[0])]
        } else {
            path.windows(2).map(|pair| (pair[0], pair[1])).collect()
        };
        for (at, &pixel) in editor.document().map().pixels().iter().enumerate() {
            let (x, y) = (at as i64 % WIDTH, at as i64 / WIDTH);
            let covered = pairs.iter().any(|(from, to)| is_covered(x, y, *from, *to));
            prop_assert_eq!(pixel == 1, covered, "pixel ({}, {})", x, y);
        }
    }

    #[test]
    fn a_stroke_backwards_and_a_mirrored_one_cover_the_same(path in stamps()) {
        let painted = |path: &[Stamp]| {
            let mut editor = editor(WIDTH, HEIGHT, 1);
            draw(&mut editor, path, 8);
            pixels(&editor, 1)
        };
        let there = painted(&path);
        let back: Vec<Stamp> = path.iter().rev().copied().collect();
        prop_assert_eq!(&painted(&back), &there);
        let mirrored: Vec<Stamp> = path.iter().map(|(x, y, d)| (8 * i128::from(WIDTH) - x, *y, *d)).collect();
        let mut mirror: Vec<_> = painted(&mirrored).iter().map(|(x, y)| (WIDTH as u32 - 1 - x, *y)).collect();
        mirror.sort_unstable_by_key(|(x, y)| (*y, *x));
        prop_assert_eq!(mirror, there);
    }

    #[test]
    fn the_thinnest_line_has_no_gap(from in (0.0..512.0, 0.0..64.0), to in (0.0..512.0, 0.0..64.0)) {
        let mut editor = editor(WIDTH, HEIGHT, 1);
        send(&mut editor, Message::BrushSize(1.0));
        drag(&mut editor, Tool::Brush, NO_KEY, &[from, to]);
        // One flood fill from any of its pixels reaches all.
        let line = pixels(&editor, 1);
        prop_assert!(!line.is_empty());
        send(&mut editor, Message::Region(RegionEdit::Add));
        click(&mut editor, Tool::Fill, f64::from(line[0].0) + 0.5, f64::from(line[0].1) + 0.5);
        prop_assert_eq!(pixels(&editor, 2), line);
    }
}

#[test]
fn a_click_of_the_thinnest_brush_paints_wherever_it_is() {
    for eighth in 0..64 {
        let mut editor = editor(WIDTH, HEIGHT, 1);
        send(&mut editor, Message::BrushSize(1.0));
        click(
            &mut editor,
            Tool::Brush,
            20.0 + f64::from(eighth % 8) / 8.0,
            20.0 + f64::from(eighth / 8) / 8.0,
        );
        assert!((1..=4).contains(&area(&editor, 1)), "{eighth}: {} pixels", area(&editor, 1));
    }
}

#[test]
fn a_disc_has_the_area_of_a_disc() {
    let mut editor = editor(512, 256, 1);
    send(&mut editor, Message::BrushSize(200.0));
    click(&mut editor, Tool::Brush, 256.0, 128.0);
    let expected = std::f64::consts::PI * 100.0 * 100.0;
    assert!((area(&editor, 1) as f64 / expected - 1.0).abs() < 0.005, "{}", area(&editor, 1));
    assert_eq!((bounds(&editor, 1).x, bounds(&editor, 1).width), (156, 200));
}

#[test]
fn the_eraser_and_a_pens_other_end_paint_background() {
    let mut editor = editor(WIDTH, HEIGHT, 1);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (512.0, 64.0)]);
    send(&mut editor, Message::BrushSize(10.0));
    drag(&mut editor, Tool::Eraser, NO_KEY, &[(0.0, 10.0), (512.0, 10.0)]);
    assert_eq!(area(&editor, 0), 10 * 512);
    send(&mut editor, Message::Tool(Tool::Brush));
    for message in [Message::PointerDown, Message::PointerUp] {
        send(&mut editor, message(Pointer { button: Button::Eraser, ..pen(100.0, 40.0, 1.0) }));
    }
    assert!(area(&editor, 0) > 10 * 512);
}

#[test]
fn only_a_pens_pressure_counts() {
    let painted = |kind, pressure| {
        let mut editor = editor(WIDTH, HEIGHT, 1);
        send(&mut editor, Message::BrushSize(40.0));
        let down = Pointer { kind, ..pen(100.0, 32.0, pressure) };
        send(&mut editor, Message::PointerDown(down));
        area(&editor, 1)
    };
    assert!(painted(PointerKind::Pen, 0.25) * 10 < painted(PointerKind::Pen, 1.0));
    assert!(painted(PointerKind::Pen, 0.0) > 0);
    assert_eq!(painted(PointerKind::Mouse, 0.0), painted(PointerKind::Pen, 1.0));
    assert_eq!(painted(PointerKind::Touch, 0.1), painted(PointerKind::Pen, 1.0));
}

#[test]
fn the_plan_of_an_event_covers_what_it_painted_and_not_all() {
    let mut editor = editor(512, 512, 1);
    send(&mut editor, Message::BrushSize(20.0));
    send(&mut editor, Message::PointerDown(pointer(100.0, 100.0)));
    let before = editor.document().map().clone();
    let dirty = send(&mut editor, Message::PointerMoved(pointer(140.0, 100.0))).dirty.unwrap();
    for (at, (old, new)) in before.pixels().iter().zip(editor.document().map().pixels()).enumerate() {
        let (x, y) = (at as u32 % 512, at as u32 / 512);
        let inside = (dirty.x..dirty.right()).contains(&x) && (dirty.y..dirty.bottom()).contains(&y);
        assert!(old == new || inside, "({x}, {y})");
    }
    assert!(dirty.area() <= 62 * 22, "{dirty:?}");
}

#[test]
fn a_stroke_goes_around_a_locked_region_and_none_begins_in_one() {
    let mut editor = editor(WIDTH, HEIGHT, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(100.0, 0.0), (120.0, 64.0)]);
    send(&mut editor, Message::Region(RegionEdit::Lock(id(1), true)));
    let plan = {
        send(&mut editor, Message::Tool(Tool::Brush));
        send(&mut editor, Message::PointerDown(pointer(300.0, 32.0)))
    };
    assert_eq!(plan.notice.unwrap().to_string(), "region 1 is locked: unlock it first");
    assert_eq!((area(&editor, 1), editor.is_drawing()), (20 * 64, false));
    send(&mut editor, Message::Select(id(2)));
    drag(&mut editor, Tool::Brush, NO_KEY, &[(0.0, 32.0), (512.0, 32.0)]);
    assert_eq!(area(&editor, 1), 20 * 64);
    assert!(area(&editor, 2) > 0);
}

#[test]
fn alt_with_the_brush_picks_the_region_under_the_pointer() {
    let mut editor = editor(WIDTH, HEIGHT, 2);
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(100.0, 0.0), (120.0, 64.0)]);
    send(&mut editor, Message::Select(id(2)));
    let before = editor.document().clone();
    let alt = Modifiers { alt: true, ..Modifiers::default() };
    drag(&mut editor, Tool::Brush, alt, &[(110.0, 32.0)]);
    assert_eq!(editor.selected(), id(1));
    assert_eq!(editor.document(), &before);
}
