//! What a parsed request still needs before it is painted: its layout out of a picture, and a seed.

use anyhow::{Context, bail};
use base64::Engine;
use image::{DynamicImage, RgbImage, RgbaImage};
use layout::{Layout, Picture};
use request::{Generation, LayoutSource, Seed};

use crate::picture;

/// Seeds are drawn from 0 to this, the largest that the original demo's field takes.
const LARGEST_DRAWN_SEED: u64 = 999_999_999;

/// The layout of a request, decoded and turned into regions.
pub fn layout(generation: &Generation) -> anyhow::Result<Layout> {
    let (rgba, place) = match &generation.layout {
        LayoutSource::Runs(layout) => return Ok(layout.clone()),
        LayoutSource::Png(data) => (decode(data, "layout.png")?, "layout.png".to_owned()),
        LayoutSource::Path(path) => (picture::read_layout(path)?, format!("layout {}", path.display())),
    };
    let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
    let texts = generation.regions.len();
    Layout::from_colors(picture, texts, generation.masks.color_match()).context(place)
}

/// The picture of which only some regions of the layout are painted anew, decoded, if there is one.
pub fn inpainted(generation: &Generation, layout: &Layout) -> anyhow::Result<Option<RgbImage>> {
    let Some(inpaint) = &generation.inpaint else { return Ok(None) };
    let areas = layout.areas();
    if inpaint.regions.iter().all(|&region| areas[region] == 0) {
        bail!("what is to be painted anew is not drawn: no pixel of the layout belongs to it");
    }
    let rgba = decode(&inpaint.image, "inpaint.image")?;
    let (width, height) = rgba.dimensions();
    if (width, height) != (generation.size.width(), generation.size.height()) {
        bail!(
            "inpaint.image has {width}x{height} pixels, the picture {}: both must be equal",
            generation.size
        );
    }
    Ok(Some(DynamicImage::from(rgba).into_rgb8()))
}

fn decode(base64: &str, place: &str) -> anyhow::Result<RgbaImage> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64);
    picture::decode(&bytes.with_context(|| format!("{place} is not base64"))?)
        .with_context(|| place.to_owned())
}

/// The seed that is used: the one given, or one that is drawn.
pub fn seed(seed: Seed) -> u64 {
    match seed {
        Seed::Fixed(seed) => seed,
        Seed::Random => rand::random_range(0..=LARGEST_DRAWN_SEED),
    }
}
