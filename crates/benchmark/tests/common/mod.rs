//! A small set, an evaluator that a reader can follow, and a painter that needs no model.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod evaluator;

use std::path::{Path, PathBuf};

use benchmark::{PaintError, Set, Settings};
use image::{Rgb, RgbImage};
use layout::Layout;
use request::Generation;

pub const BALL: Rgb<u8> = Rgb([255, 0, 0]);
pub const BRIGHT_BALL: Rgb<u8> = Rgb([255, 255, 0]);
pub const BOX: Rgb<u8> = Rgb([0, 0, 255]);

pub fn published() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/benchmark")
}

/// Two items of 64 x 64 pixels: a bright ball on the left half of a white ground, and a ball with a box on its right.
pub fn write_set(folder: &Path) {
    std::fs::create_dir_all(folder.join("valset_layout")).unwrap();
    let texts = r#"[
        {"id": 0, "textual_condition": "a bright ball on the ground", "segment_descriptions": ["on the ground",
         "a bright ball"], "objects": [{"kind": "ball", "colour": "bright"}]},
        {"id": 1, "textual_condition": "a ball and a box on the ground", "segment_descriptions": ["on the ground",
         "a ball", "a box"], "objects": [{"kind": "ball", "colour": null}, {"kind": "box", "colour": null}]}]"#;
    std::fs::write(folder.join("valset.json"), texts).unwrap();
    for id in 0..2 {
        let picture = RgbImage::from_fn(64, 64, |x, y| match (x, y) {
            (4..32, 8..56) => Rgb([230, 60, 60]),
            (40..60, 8..56) if id == 1 => Rgb([60, 120, 230]),
            _ => Rgb([255; 3]),
        });
        picture.save(folder.join(format!("valset_layout/{id}.png"))).unwrap();
    }
}

pub fn set(folder: &Path) -> Set {
    write_set(folder);
    Set::read(folder).unwrap()
}

pub fn settings(steps: i64) -> Settings {
    Settings::from([("model".to_owned(), "tiny".into()), ("steps".to_owned(), steps.into())])
}

/// Paints each region as its text says, if the texts are bound; without, a dark ball in the right half.
pub fn paint(generation: &Generation, layout: &Layout, _seed: u64) -> Result<RgbImage, PaintError> {
    let text = |region: u8| generation.regions.get(usize::from(region)).map_or("", |region| &region.text);
    let bound = !text(1).is_empty();
    Ok(RgbImage::from_fn(layout.width(), layout.height(), |x, y| {
        let region = layout.pixels()[(y * layout.width() + x) as usize];
        match text(region) {
            _ if !bound => {
                if x >= 32 {
                    BALL
                } else {
                    Rgb([0; 3])
                }
            }
            "a bright ball" => BRIGHT_BALL,
            "a ball" => BALL,
            "a box" => BOX,
            _ => Rgb([0; 3]),
        }
    }))
}
