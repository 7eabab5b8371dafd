//! What holds after any messages.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use std::num::NonZeroUsize;

use common::*;
use editor::{
    Button, Document, DocumentEdit, Editor, Key, Message, Modifiers, Opened, Parameter, Point, Pointer,
    PointerKind, RegionEdit, RegionId, Sample, TextEdit, Tool, View,
};
use layout::Occurrence;
use proptest::prelude::*;
use proptest::sample::select;

/// Mostly on the map, sometimes beyond, sometimes nowhere.
fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => -40.0..560.0,
        2 => -1e4..1e4,
        1 => select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 0.0]),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (coordinate(), coordinate()).prop_map(|(x, y)| Point::new(x, y / 8.0))
}

fn modifiers() -> impl Strategy<Value = Modifiers> {
    let rarely = || proptest::bool::weighted(0.15);
    (rarely(), rarely(), rarely()).prop_map(|(shift, alt, command)| Modifiers { shift, alt, command })
}

fn a_pointer() -> impl Strategy<Value = Pointer> {
    let kind = select(vec![PointerKind::Mouse, PointerKind::Mouse, PointerKind::Pen, PointerKind::Touch]);
    let button = prop_oneof![
        8 => Just(Button::Primary),
        1 => select(vec![Button::Middle, Button::Secondary, Button::Eraser]),
    ];
    let sample = (point(), prop_oneof![0.0f32..=1.0, Just(f32::NAN)])
        .prop_map(|(at, pressure)| Sample { at, pressure });
    (0..3i32, kind, button, modifiers(), proptest::collection::vec(sample, 0..4))
        .prop_map(|(id, kind, button, modifiers, samples)| Pointer { id, kind, button, modifiers, samples })
}

fn region() -> impl Strategy<Value = RegionId> {
    prop_oneof![8 => 0..5u8, 1 => 0..32u8].prop_map(id)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![9 => "[ab ,.é]{0,6}", 1 => Just("x".repeat(10_050))]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![-3.0..3.0, Just(f64::NAN), Just(f64::INFINITY), 0.0..1e9]
}

fn region_edit() -> impl Strategy<Value = RegionEdit> {
    prop_oneof![
        Just(RegionEdit::Add),
        region().prop_map(RegionEdit::Remove),
        (region(), region()).prop_map(|(from, into)| RegionEdit::Merge { from, into }),
        region().prop_map(RegionEdit::Clear),
        region().prop_map(RegionEdit::Invert),
        (region(), any::<[u8; 3]>()).prop_map(|(id, color)| RegionEdit::Recolor(id, color)),
        Just(RegionEdit::PaletteColors),
        (region(), 0..9usize).prop_map(|(id, to)| RegionEdit::Reorder { id, to }),
        (region(), text()).prop_map(|(id, text)| RegionEdit::Text(id, text)),
        (region(), number()).prop_map(|(id, weight)| RegionEdit::Weight(id, weight)),
        (region(), number(), number()).prop_map(|(id, start, end)| RegionEdit::Window { id, start, end }),
        (region(), 0..3usize).prop_map(|(id, k)| {
            let occurrence = NonZeroUsize::new(k).map_or(Occurrence::All, Occurrence::Nth);
            RegionEdit::Occurrence(id, occurrence)
        }),
    ]
}

fn parameter() -> impl Strategy<Value = Parameter> {
    let optional = || proptest::option::of(number());
    prop_oneof![
        proptest::option::of(any::<u64>()).prop_map(Parameter::Seed),
        proptest::option::of(any::<i64>()).prop_map(Parameter::Steps),
        proptest::option::of(text()).prop_map(Parameter::NegativePrompt),
        optional().prop_map(Parameter::WCross),
        optional().prop_map(Parameter::GuidanceScale),
        optional().prop_map(Parameter::ModulatedFraction),
    ]
}

fn text_edit() -> impl Strategy<Value = TextEdit> {
    prop_oneof![text().prop_map(TextEdit::Full), Just(TextEdit::Follow), region().prop_map(TextEdit::Repair)]
}

fn view() -> impl Strategy<Value = View> {
    prop_oneof![
        Just(View::Fit),
        number().prop_map(View::Zoom),
        point().prop_map(View::Pan),
        (number(), number())
            .prop_map(|(width, height)| View::Resized { width: width * 100.0, height: height * 100.0 }),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    let names = vec![
        " ",
        "Enter",
        "Enter",
        "Escape",
        "Backspace",
        "ArrowLeft",
        "ArrowUp",
        "[",
        "]",
        "+",
        "-",
        "0",
        "1",
        "2",
        "a",
        "n",
        "p",
        "z",
        "y",
        "l",
        "r",
        "b",
        "Shift",
        "é",
        "",
    ];
    (select(names), modifiers()).prop_map(|(name, modifiers)| Key { name: name.to_owned(), modifiers })
}

/// All messages that leave locks and whole documents alone.
fn edit() -> impl Strategy<Value = Message> {
    prop_oneof![
        6 => a_pointer().prop_map(Message::PointerDown),
        10 => a_pointer().prop_map(Message::PointerMoved),
        6 => a_pointer().prop_map(Message::PointerUp),
        1 => (0..3i32).prop_map(Message::PointerCancelled),
        1 => Just(Message::PointerLeft),
        1 => (point(), point(), modifiers())
            .prop_map(|(at, delta, modifiers)| Message::Wheel { at, delta, modifiers }),
        1 => key().prop_map(Message::KeyUp),
        1 => Just(Message::Blurred),
        4 => select(Tool::ALL.to_vec()).prop_map(Message::Tool),
        2 => (0.0..90.0).prop_map(Message::BrushSize),
        3 => region().prop_map(Message::Select),
        1 => proptest::option::of(region()).prop_map(Message::Highlight),
        1 => view().prop_map(Message::View),
        5 => region_edit().prop_map(Message::Region),
        2 => text_edit().prop_map(Message::Text),
        1 => parameter().prop_map(Message::Parameter),
    ]
}

fn sizes() -> impl Strategy<Value = request::Size> {
    select(vec![size(512, 64), size(512, 32), size(64, 8)])
}

/// Those too that are no step of the history.
fn any_message() -> impl Strategy<Value = Message> {
    let begin = |size| DocumentEdit::Begin(Box::new(Document::new(size)));
    prop_oneof![
        20 => message(),
        1 => sizes().prop_map(move |size| Message::Document(begin(size))),
        1 => sizes().prop_map(|size| Message::Document(DocumentEdit::Adopt(size))),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        30 => edit(),
        2 => key().prop_map(Message::KeyDown),
        2 => (region(), any::<bool>()).prop_map(|(id, locked)| Message::Region(RegionEdit::Lock(id, locked))),
        1 => sizes().prop_map(|size| Message::Document(DocumentEdit::Resize(size))),
        1 => sizes().prop_map(|size| Message::Document(DocumentEdit::New(size))),
        1 => sizes().prop_map(|size| Message::Document(DocumentEdit::Load(Box::new(Document::new(size))))),
        4 => Just(Message::Undo),
        3 => Just(Message::Redo),
    ]
}

fn start() -> Editor {
    let mut editor = editor(512, 64, 4);
    for n in 1..=4 {
        send(&mut editor, Message::Select(id(n)));
        let x = f64::from(n) * 100.0;
        drag(&mut editor, Tool::Ellipse, NO_KEY, &[(x - 60.0, 2.0), (x + 30.0, 60.0)]);
    }
    editor
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn nothing_panics_and_every_document_is_sound(messages in proptest::collection::vec(any_message(), 1..60)) {
        let mut editor = start();
        // What a page shows that does only what the plans say.
        let mut shown = Vec::new();
        let mut paint = |editor: &Editor, plan: &editor::Plan| {
            let map = editor.document().map();
            if plan.resized || shown.is_empty() {
                shown = vec![0; map.pixels().len()];
            }
            let Some(rect) = plan.dirty else { return };
            for y in rect.y..rect.bottom().min(map.height()) {
                let row = (y * map.width()) as usize;
                let range = row + rect.x as usize..row + rect.right().min(map.width()) as usize;
                shown[range.clone()].copy_from_slice(&map.pixels()[range]);
            }
        };
        paint(&editor, &editor::Plan { dirty: Some(editor.document().map().rect()), ..Default::default() });
        for message in messages {
            let before = editor.document().clone();
            let plan = editor.handle(message.clone());
            prop_assert!(is_sound(editor.document()), "{:?}", message);
            prop_assert!(editor.document().region(editor.selected()).is_some(), "{:?}", message);
            prop_assert!(plan.document || editor.is_drawing() || plan.dirty.is_some()
                || editor.document() == &before, "{:?} changes without a word", message);
            editor.overlay();
            editor.cursor();
            paint(&editor, &plan);
        }
        prop_assert!(shown == editor.document().map().pixels(), "the plans leave something unpainted");
        editor.document().labels();
        editor::segments(editor.document().full_text().len(), &editor.document().phrases());
        // And it can be saved, generated, and be undone to the end.
        let opened = Opened::of_project(&editor.document().to_project()).unwrap();
        prop_assert_eq!(&opened.document, editor.document());
        // Region texts joined may be longer than a text may be.
        let fits = editor.document().full_text().chars().count() <= request::MAX_TEXT;
        prop_assert_eq!(editor.document().to_request().parse(&request::Defaults::default()).is_ok(), fits);
        while editor.undo_steps() > 0 {
            send(&mut editor, Message::Undo);
            prop_assert!(is_sound(editor.document()));
        }
    }

    #[test]
    fn undoing_all_leads_to_the_start_and_redoing_all_to_the_end(
        messages in proptest::collection::vec(message(), 1..60)
    ) {
        let mut editor = start();
        let first = Document::new(size(512, 64));
        for message in messages {
            send(&mut editor, message);
        }
        // Whatever is begun is left.
        while editor.is_drawing() {
            send(&mut editor, Message::Tool(Tool::Hand));
            send(&mut editor, Message::Tool(Tool::Brush));
        }
        while editor.redo_steps() > 0 {
            send(&mut editor, Message::Redo);
        }
        let last = editor.document().clone();
        let mut documents = vec![last.clone()];
        while editor.undo_steps() > 0 {
            send(&mut editor, Message::Undo);
            documents.push(editor.document().clone());
        }
        prop_assert_eq!(editor.document(), &first);
        for document in documents.iter().rev().skip(1) {
            send(&mut editor, Message::Redo);
            prop_assert_eq!(editor.document(), document);
        }
        prop_assert_eq!(editor.document(), &last);
    }

    #[test]
    fn a_locked_regions_pixels_never_change(
        locked in 0..5u8,
        messages in proptest::collection::vec(edit(), 1..60),
    ) {
        let mut editor = start();
        send(&mut editor, Message::Region(RegionEdit::Lock(id(locked), true)));
        let before = pixels(&editor, locked);
        for message in messages {
            send(&mut editor, message.clone());
            prop_assert!(pixels(&editor, locked) == before, "{:?}", message);
        }
    }
}
