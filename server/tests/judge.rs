//! `dense-diffusion judge`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "../../crates/benchmark/tests/common/evaluator.rs"]
mod evaluator;

use common::{error_line, run, stdout};
use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};
use serde_json::{Value, json};

const SIDE: u32 = 128;

/// A picture with a bright ball in the left third, where one was drawn, and nothing in the right one, where a box was.
fn painted() -> Vec<u8> {
    let thirds = || (0..SIDE * SIDE).map(|at| (at % SIDE) * 3 / SIDE);
    let layout =
        Layout::new(SIDE, SIDE, 3, thirds().map(|third| [1, 0, 2][third as usize]).collect()).unwrap();
    let region = |text: &str| RegionRequest { text: text.to_owned(), ..RegionRequest::default() };
    let regions = ["grass", "a bright ball", "a box"].map(region).to_vec();
    let request = GenerationRequest::new(LayoutRequest::Runs(LayoutWire::from(&layout)), regions);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("dense-diffusion".to_owned(), serde_json::to_string(&request).unwrap()).unwrap();
    let pixels: Vec<u8> =
        thirds().flat_map(|third| if third == 0 { [255, 255, 0] } else { [0; 3] }).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

#[test]
fn a_picture_is_judged_by_the_layout_and_the_texts_that_it_carries() {
    let folder = tempfile::tempdir().unwrap();
    let [evaluator, picture] = ["evaluator", "picture.png"].map(|name| folder.path().join(name));
    evaluator::write(&evaluator);
    std::fs::write(&picture, painted()).unwrap();
    let shown = stdout(&run("judge", &[&picture, &"--evaluator", &evaluator]));
    let verdicts: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), 2, "{shown}");
    assert_eq!(verdicts[0]["text"], "a bright ball");
    let seen = |verdict: &Value| json!([verdict["there"], verdict["in_region"], verdict["colour"]]);
    assert_eq!(seen(&verdicts[0]), json!([true, true, true]));
    assert!(verdicts[0]["iou"].as_f64().unwrap() > 0.9, "{shown}");
    assert_eq!(seen(&verdicts[1]), json!([false, false, null]));
}

#[test]
fn what_is_no_picture_of_ours_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("drawing.txt");
    std::fs::write(&picture, "no picture").unwrap();
    let line = error_line(&run("judge", &[&picture]));
    assert!(line.contains("drawing.txt") && line.contains("no PNG"), "{line}");
}
