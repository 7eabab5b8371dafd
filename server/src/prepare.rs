//! Prepares a parsed request for painting: decodes its layout and picks a seed.

use anyhow::Context;
use base64::Engine;
use layout::{Layout, Picture};
use request::{Generation, LayoutSource, Seed};

use crate::{files, picture};

/// Upper bound of random seeds, the largest that the original demo's field accepts.
const LARGEST_DRAWN_SEED: u64 = 999_999_999;

/// Decodes the layout of a request into regions.
pub fn layout(generation: &Generation) -> anyhow::Result<Layout> {
    let (rgba, place) = match &generation.layout {
        LayoutSource::Runs(layout) => return Ok(layout.clone()),
        LayoutSource::Png(data) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(data);
            (picture::decode(&bytes.context("layout.png is not base64")?)?, "layout.png".to_owned())
        }
        LayoutSource::Path(path) => {
            (files::read("layout", path, picture::decode)?, format!("layout {}", path.display()))
        }
    };
    let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
    let texts = generation.regions.len();
    Layout::from_colors(picture, texts, generation.masks.color_match()).context(place)
}

/// Returns the given seed, or a random one.
pub fn seed(seed: Seed) -> u64 {
    match seed {
        Seed::Fixed(seed) => seed,
        Seed::Random => rand::random_range(0..=LARGEST_DRAWN_SEED),
    }
}
