//! Layout pictures in and out.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Document, Editor, Import, Message, Parameter, RegionEdit, Tool};
use layout::{ColorMatch, Picture};

fn import(document: &Document) -> Document {
    let rgba = document.layout_rgba();
    let picture = Picture { width: document.map().width(), height: document.map().height(), rgba: &rgba };
    let import = Import::new(picture, ColorMatch::default()).unwrap();
    let size = import.picture_size(512, 8);
    assert_eq!(size, document.picture());
    let opened = import.document(size, document);
    assert!(opened.notes.is_empty());
    opened.document
}

/// Whether two maps have the same regions, whatever their numbers.
fn same_regions(a: &Document, b: &Document) -> bool {
    let mut pairs: Vec<_> = a.map().pixels().iter().zip(b.map().pixels()).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let used = |document: &Document| document.map().areas().iter().filter(|area| **area > 0).count();
    pairs.len() == used(a) && pairs.len() == used(b)
}

#[test]
fn a_layout_picture_reads_back_as_the_same_31_regions() {
    let mut editor = editor(512, 512, 31);
    for n in 1..=31 {
        send(&mut editor, Message::Select(id(n)));
        let (x, y) = (f64::from(n % 6) * 80.0 + 10.0, f64::from(n / 6) * 80.0 + 10.0);
        drag(&mut editor, Tool::Ellipse, NO_KEY, &[(x, y), (x + 70.0, y + 60.0)]);
    }
    // Colours that a reader would take for one another or for the background.
    for (region, color) in [(3, [0; 3]), (4, [5; 3]), (5, [250; 3]), (6, [0, 114, 178]), (7, [3, 110, 180])] {
        send(&mut editor, Message::Region(RegionEdit::Recolor(id(region), color)));
    }
    let again = import(editor.document());
    assert_eq!(again.regions().len(), 32);
    assert!(same_regions(&again, editor.document()));
    assert_eq!(again.map().areas()[0], area(&editor, 0));
}

#[test]
fn a_picture_of_the_benchmark_becomes_a_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/benchmark/valset_layout/5.png");
    let picture = image::open(path).unwrap().to_rgba8();
    let picture = Picture { width: picture.width(), height: picture.height(), rgba: picture.as_raw() };
    let import = Import::new(picture, ColorMatch::default()).unwrap();
    // Item 5 has four texts, one of them the background's.
    assert_eq!(import.colors().len(), 4);
    assert_eq!(import.preview_rgba().len(), 4 * 512 * 512);
    let mut editor = editor(512, 64, 1);
    send(&mut editor, Message::Parameter(Parameter::Steps(Some(9))));
    let opened = import.document(import.picture_size(512, 8), editor.document());
    assert_eq!(opened.document.layout(), *import.layout());
    assert_eq!(opened.document.parameters().steps, Some(9));
    let colors: Vec<_> = import.colors().iter().map(|color| color.rgb).collect();
    assert_eq!(opened.document.regions().map(|region| region.color).collect::<Vec<_>>(), colors);
}

#[test]
fn a_photograph_is_no_layout() {
    let rgba: Vec<u8> =
        (0..256 * 256u32).flat_map(|at| [at as u8, (at >> 8) as u8, (at >> 4) as u8, 255]).collect();
    let picture = Picture { width: 256, height: 256, rgba: &rgba };
    let error = Import::new(picture, ColorMatch::Exact).unwrap_err().to_string();
    assert!(error.contains("at most 32 regions are possible"), "{error}");
}

#[test]
fn the_size_of_an_imports_picture_has_its_shape() {
    let sizes = |width: u32, height: u32, longer, multiple| {
        let rgba = vec![255; 4 * (width * height) as usize];
        let import = Import::new(Picture { width, height, rgba: &rgba }, ColorMatch::Exact).unwrap();
        let size = import.picture_size(longer, multiple);
        (size.width(), size.height())
    };
    assert_eq!(sizes(300, 200, 768, 64), (768, 512));
    assert_eq!(sizes(100, 1, 512, 8), (512, 8));
    assert_eq!(sizes(1, 1, 0, 0), (8, 8));
    assert_eq!(sizes(2, 1, u32::MAX, u32::MAX), (4096, 2048));
}

#[test]
fn a_file_of_a_region_is_named_by_its_number_and_text() {
    let mut editor = editor(512, 64, 12);
    let name = |editor: &Editor, n| editor.document().region(id(n)).unwrap().file_name();
    for (n, text) in [(0, "a/green\\meadow "), (2, "..\"Hündchen\" 🐕 no. 7"), (12, &"long ".repeat(50))] {
        send(&mut editor, Message::Region(RegionEdit::Text(id(n), text.to_owned())));
    }
    assert_eq!(name(&editor, 0), "00-a-green-meadow");
    assert_eq!(name(&editor, 1), "01");
    assert_eq!(name(&editor, 2), "02-Hündchen-no-7");
    assert_eq!(name(&editor, 12).len(), 40);
}

#[test]
fn a_larger_tolerance_takes_more_colors_for_one() {
    // Four stripes: white, two reds 30 apart, blue.
    let stripes = [[255; 3], [200, 0, 0], [230, 0, 0], [0, 0, 200]];
    let row: Vec<u8> = stripes.iter().flat_map(|&[r, g, b]| [r, g, b, 255].repeat(16)).collect();
    let rgba = row.repeat(64);
    let found = |matching| {
        let import = Import::new(Picture { width: 64, height: 64, rgba: &rgba }, matching).unwrap();
        let regions =
            import.document(import.picture_size(512, 8), &Document::default()).document.regions().len();
        assert_eq!(regions, import.colors().len());
        regions
    };
    let within = [0, 12, 29, 30, 255].map(|tolerance| found(ColorMatch::Within(tolerance)));
    assert_eq!((found(ColorMatch::Exact), within), (4, [4, 4, 4, 3, 1]));
}

#[test]
fn masks_cover_every_pixel_once() {
    let mut editor = editor(512, 64, 2);
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(100.0, 10.0), (200.0, 60.0)]);
    let masks: Vec<_> = (0..3).map(|n| editor.document().mask_rgba(id(n))).collect();
    for at in 0..512 * 64 {
        let white = masks.iter().filter(|mask| mask[4 * at..4 * at + 4] == [255; 4]).count();
        let black = masks.iter().filter(|mask| mask[4 * at..4 * at + 4] == [0, 0, 0, 255]).count();
        assert_eq!((white, black), (1, 2));
    }
}
