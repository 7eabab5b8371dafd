//! The picture to inpaint, and where its regions were.

use diffusion::Canvas;
use image::{DynamicImage, RgbImage};
use layout::{Layout, NONE};
use request::{Generation, GenerationRequest, LayoutRequest};

use crate::picture;

/// A picture to inpaint in some regions.
pub struct Original {
    image: RgbImage,
    /// Where the request's regions were in it, if known.
    before: Option<Layout>,
}

impl Original {
    /// Decodes the picture that `generation` inpaints, with the limits of [`picture::decode`].
    pub fn decode(bytes: &[u8], generation: &Generation) -> anyhow::Result<Self> {
        let image = DynamicImage::from(picture::decode(bytes)?).into_rgb8();
        let carried = picture::carried_request(bytes).ok().flatten();
        let request = carried.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self { image, before: request.and_then(|request| before(request, generation)) })
    }
}

/// The canvas: a layout, and a picture when inpainting.
pub fn canvas<'a>(layout: &'a Layout, original: Option<&'a Original>) -> Canvas<'a> {
    let before = original.and_then(|original| original.before.as_ref());
    Canvas { layout, image: original.map(|original| &original.image), before }
}

/// Returns where the request's regions were in the picture made from `carried`.
fn before(carried: GenerationRequest, generation: &Generation) -> Option<Layout> {
    let LayoutRequest::Runs(wire) = carried.layout else { return None };
    let layout = Layout::try_from(&wire).ok()?;
    let new: Vec<&str> = generation.regions.iter().map(|region| region.text.trim()).collect();
    let old: Vec<&str> = carried.regions.iter().map(|region| region.text.trim()).collect();
    let indices: Vec<u8> =
        (0..old.len()).map(|n| same_region(&old, &new, n).map_or(NONE, |n| n as u8)).collect();
    let pixels = layout.pixels().iter().map(|&n| indices.get(usize::from(n)).copied().unwrap_or(NONE));
    Layout::new(layout.width(), layout.height(), new.len(), pixels.collect()).ok()
}

/// Matches the `n`th of the `old` regions to a `new` one: the background to the background; else by equal
/// text; else, if no region came or went, the one in its place, whose text has changed.
fn same_region(old: &[&str], new: &[&str], n: usize) -> Option<usize> {
    let (text, in_its_place) = (old[n], new.get(n).copied());
    if n == 0 || in_its_place == Some(text) {
        return Some(n);
    }
    let elsewhere =
        (1..new.len()).find(|&at| new[at] == text && !text.is_empty() && old.get(at) != Some(&text));
    let renamed = || old.len() == new.len() && in_its_place.is_some_and(|text| !old.contains(&text));
    elsewhere.or_else(|| renamed().then_some(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_known_again_whatever_became_of_the_others() {
        let old = ["the desert", "a squirrel", "a sign", "a sign", ""];
        let same = |new: &[&str]| (0..old.len()).map(|n| same_region(&old, new, n)).collect::<Vec<_>>();
        let of = |places: [i8; 5]| places.map(|place| usize::try_from(place).ok()).to_vec();
        assert_eq!(same(&old), of([0, 1, 2, 3, 4]));
        assert_eq!(same(&["the sea", "a squirrel", "a red sign", "a sign", ""]), of([0, 1, 2, 3, 4]));
        // One removed; one removed and another added; two swapped.
        assert_eq!(same(&["the desert", "a sign", "a sign", ""]), of([0, -1, 2, 1, -1]));
        assert_eq!(same(&["the desert", "a sign", "a dog"]), of([0, -1, 1, 1, -1]));
        assert_eq!(same(&["the desert", "a sign", "a squirrel", "a sign", ""]), of([0, 2, 1, 3, 4]));
    }
}
