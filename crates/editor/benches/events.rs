//! `cargo bench -p editor`: what an event costs at 1024 x 1024 pixels with 12 regions, the pixels for `putImageData`
//! included. Wanted: a pointer event under 4 ms, an undo under 16 ms.
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use editor::{
    Document, DocumentEdit, Editor, Import, Message, Plan, Point, Pointer, RegionEdit, RegionId, Sample, Tool,
};
use layout::{ColorMatch, CountedPicture, Picture};
use request::Size;

const SIDE: f64 = 1024.0;

/// Twelve regions, each with a dozen strokes all over the map.
fn drawn() -> Editor {
    let size = Size::new(1024, 1024).unwrap();
    let mut editor = Editor::new(Document::new(size));
    let _ = editor.handle(Message::BrushSize(60.0));
    for number in 1..=12 {
        let _ = editor.handle(Message::Region(RegionEdit::Add));
        let _ = editor.handle(Message::Select(RegionId::new(number).unwrap()));
        for stroke in 0..12 {
            let place = |n: u32| f64::from((n * 7919 + stroke * 104_729 + u32::from(number) * 1299) % 1024);
            let _ = editor.handle(Message::PointerDown(at(&[(place(1), place(2))])));
            let _ = editor.handle(Message::PointerUp(at(&[(place(3), place(4))])));
        }
    }
    editor
}

/// A mouse at the last of these places, by way of the others.
fn at(places: &[(f64, f64)]) -> Pointer {
    let sample = |&(x, y): &(f64, f64)| Sample { at: Point::new(x, y), pressure: 0.5 };
    Pointer { samples: places.iter().map(sample).collect(), ..Pointer::mouse(0.0, 0.0) }
}

/// A pixel of the last region.
fn middle(editor: &Editor) -> (f64, f64) {
    let place = editor.document().map().pixels().iter().position(|&pixel| pixel == 12).unwrap();
    ((place % 1024) as f64, (place / 1024) as f64)
}

/// What a page does with a plan, but for the canvas.
fn show(editor: &Editor, plan: &Plan) {
    if let Some(rect) = plan.dirty {
        let mut rgba = vec![0; 4 * rect.area()];
        editor.paint_rgba(rect, &mut rgba);
        black_box(rgba);
    }
    black_box(editor.overlay());
}

fn main() {
    let mut criterion = Criterion::default().sample_size(30).configure_from_args();
    let events = [
        ("brush of 48, four samples over 40 pixels", Tool::Brush, 48.0, 40.0),
        ("brush of 400, four samples over 40 pixels", Tool::Brush, 400.0, 40.0),
        ("brush of 48, four samples across the map", Tool::Brush, 48.0, 900.0),
        ("a region moved by 40 pixels", Tool::Move, 48.0, 40.0),
    ];
    for (name, tool, size, length) in events {
        let mut editor = drawn();
        let _ = editor.handle(Message::Tool(tool));
        let _ = editor.handle(Message::BrushSize(size));
        let _ = editor.handle(Message::PointerDown(at(&[middle(&editor)])));
        assert!(editor.is_drawing());
        let mut there = false;
        criterion.bench_function(&format!("pointer event: {name}"), |bencher| {
            bencher.iter(|| {
                there = !there;
                let place = |part: f64| 60.0 + length * if there { part } else { 1.0 - part };
                let path = [0.25, 0.5, 0.75, 1.0].map(|part| (place(part), place(part)));
                let plan = editor.handle(Message::PointerMoved(at(&path)));
                show(&editor, &plan);
            });
        });
    }
    let presses = [
        ("a stroke across the map", Tool::Brush, (0.0, 0.0)),
        ("an ellipse over the map", Tool::Ellipse, (0.0, 0.0)),
        ("a fill", Tool::Fill, (3.0, 3.0)),
    ];
    for (name, tool, start) in presses {
        let draw = move |editor: &mut Editor| {
            let _ = editor.handle(Message::Tool(tool));
            let _ = editor.handle(Message::PointerDown(at(&[start])));
            editor.handle(Message::PointerUp(at(&[(SIDE, SIDE)])))
        };
        let mut editor = drawn();
        criterion.bench_function(&format!("whole gesture: {name}"), |bencher| {
            bencher.iter(|| {
                let plan = draw(&mut editor);
                show(&editor, &plan);
                let _ = editor.handle(Message::Undo);
            });
        });
        let _ = draw(&mut editor);
        criterion.bench_function(&format!("undo and redo: {name}"), |bencher| {
            bencher.iter(|| {
                for message in [Message::Undo, Message::Redo] {
                    let plan = editor.handle(message);
                    show(&editor, &plan);
                }
            });
        });
    }
    let other = Box::new(drawn().document().clone());
    let mut editor = drawn();
    let _ = editor.handle(Message::Document(DocumentEdit::New(Size::new(1024, 1024).unwrap())));
    let _ = editor.handle(Message::Document(DocumentEdit::Load(other)));
    criterion.bench_function("undo and redo: another document", |bencher| {
        bencher.iter(|| {
            for message in [Message::Undo, Message::Redo] {
                let plan = editor.handle(message);
                show(&editor, &plan);
            }
        });
    });
    criterion.bench_function("places of the numbers", |bencher| {
        bencher.iter_batched(|| (), |()| black_box(editor.document().labels()), BatchSize::SmallInput);
    });
    let rgba = editor.document().layout_rgba();
    let picture = Picture { width: 1024, height: 1024, rgba: &rgba };
    let matching = ColorMatch::default();
    criterion.bench_function("layout picture: counting its colours", |bencher| {
        bencher.iter(|| black_box(CountedPicture::new(picture, matching)));
    });
    let counted = CountedPicture::new(picture, matching).unwrap();
    criterion.bench_function("layout picture: regions at another tolerance", |bencher| {
        bencher.iter(|| black_box(Import::of_counted(&counted, matching)));
    });
    criterion.final_summary();
}
