//! Repainting some regions of a picture: diffusers' `StableDiffusionInpaintPipeline` at strength 1 with a
//! text-to-image UNet, masked by the regions' cells. Unlike there, the picture's latents are the encoder's
//! means, not samples, and what is kept is pasted at the end.

use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};
use layout::{Level, LevelMasks};
use request::{Generation, Size};

use crate::error::{DiffusionError, InpaintError};
use crate::latents::LatentShape;
use crate::schedulers::Schedule;
use crate::vae::Vae;

/// Alpha and sigma of latents without noise.
const FINISHED: (f32, f32) = (1.0, 0.0);

/// The region beneath the others, as a bit set.
const BACKGROUND: i32 = 1;

/// What a picture is painted on.
#[derive(Clone, Copy, Debug)]
pub struct Canvas<'a> {
    /// Where the regions lie.
    pub layout: &'a layout::Layout,
    /// The decoded picture, if only the regions of [`request::Generation::inpaint`] are repainted.
    pub image: Option<&'a RgbImage>,
    /// The layout of that picture, if it is known: background that a repainted region used to cover is
    /// repainted with it.
    pub before: Option<&'a layout::Layout>,
}

/// Ratio of the layout's and the picture's aspect ratios up to which no note is given.
const LIKE: f64 = 1.05;

impl Canvas<'_> {
    /// Returns a note for the user if the layout's aspect ratio is not the picture's.
    pub(crate) fn note(&self, size: Size) -> Option<String> {
        let (width, height) = (self.layout.width(), self.layout.height());
        let ratio = |width: u32, height: u32| f64::from(width) / f64::from(height);
        let stretched = ratio(width, height) / ratio(size.width(), size.height());
        let is_like = stretched.max(1.0 / stretched) <= LIKE;
        // A single region covers everything, whatever the shape.
        (self.layout.regions() > 1 && !is_like).then(|| {
            format!(
                "the layout, {width}x{height}, was stretched to the picture's shape, {size}; width and height of its own shape \
                 keep it"
            )
        })
    }
}

impl<'a> From<&'a layout::Layout> for Canvas<'a> {
    fn from(layout: &'a layout::Layout) -> Self {
        Self { layout, image: None, before: None }
    }
}

/// The part of a picture that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    image: RgbImage,
    /// The picture's latents, of one sample.
    latents: Vec<f32>,
    /// For each cell, whether it is repainted.
    mask: Vec<bool>,
}

impl Kept {
    /// Keeps the canvas' picture, if only some regions are repainted, except for their cells, the background
    /// around them and what used to be theirs, at the finest level.
    pub fn new(
        generation: &Generation,
        canvas: &Canvas<'_>,
        masks: &LevelMasks,
        vae: &Vae,
    ) -> Result<Option<Self>, DiffusionError> {
        let Some(inpaint) = &generation.inpaint else { return Ok(None) };
        let image = canvas.image.ok_or(InpaintError::Missing)?;
        let (size, (width, height)) = (generation.size, image.dimensions());
        if (width, height) != (size.width(), size.height()) {
            return Err(InpaintError::Size(width, height, size.width(), size.height()).into());
        }
        let level = &masks.levels[0];
        let before =
            canvas.before.map(|it| LevelMasks::new(it, (level.height, level.width), 1, generation.masks));
        let before = before.transpose()?;
        let bits = inpaint.regions.iter().fold(0, |bits, region| bits | 1 << region);
        let mask = mask(level, before.as_ref().map(|before| &before.levels[0]), bits);
        if !mask.contains(&true) {
            return Err(InpaintError::Nothing.into());
        }
        Ok(Some(Self { image: image.clone(), latents: vae.encode(image)?, mask }))
    }

    /// Restores what is kept in the latents before `step`, with that step's share of noise: none after the
    /// last.
    pub fn restore(&self, latents: &mut [f32], noise: &[f32], schedule: &Schedule, step: usize) {
        self.put(latents, noise, schedule.alpha_sigmas.get(step).copied().unwrap_or(FINISHED));
    }

    /// Restores what is kept in finished latents.
    pub fn restore_finished(&self, latents: &mut [f32], noise: &[f32]) {
        self.put(latents, noise, FINISHED);
    }

    fn put(&self, latents: &mut [f32], noise: &[f32], (alpha, sigma): (f32, f32)) {
        let kept = self.latents.iter().zip(self.mask.iter().cycle()).cycle();
        for ((value, noise), (original, is_new)) in latents.iter_mut().zip(noise).zip(kept) {
            if !is_new {
                *value = alpha * original + sigma * noise;
            }
        }
    }

    /// Pastes what is kept into the picture; half a cell on both sides of an edge is blended.
    pub fn paste(&self, painted: &mut RgbImage, shape: LatentShape) {
        let mask = self.mask.iter().map(|&is_new| if is_new { u8::MAX } else { 0 }).collect();
        let Some(mask) = GrayImage::from_raw(shape.width as u32, shape.height as u32, mask) else { return };
        let mask = imageops::resize(&mask, painted.width(), painted.height(), FilterType::Triangle);
        for ((new, old), share) in painted.pixels_mut().zip(self.image.pixels()).zip(mask.pixels()) {
            let share = u16::from(share[0]);
            for (new, old) in new.0.iter_mut().zip(old.0) {
                *new = ((u16::from(*new) * share + u16::from(old) * (255 - share) + 127) / 255) as u8;
            }
        }
    }
}

/// Returns for each cell whether it is repainted. What was painted there `before` may extend beyond its
/// region, so a margin of the background is repainted, too: a sixteenth of the shorter side.
fn mask(level: &Level, before: Option<&Level>, bits: i32) -> Vec<bool> {
    let (height, width) = (level.height, level.width);
    let margin = height.min(width) / 16;
    let around = |at: usize, side: usize| at.saturating_sub(margin)..(at + margin + 1).min(side);
    let is_another = |cell: usize| level.regions[cell] & !(BACKGROUND | bits) != 0;
    let was_meant = |cell: usize| before.is_some_and(|before| before.regions[cell] & bits != 0);
    let is_meant = |cell: usize| level.regions[cell] & bits != 0 || was_meant(cell) && !is_another(cell);
    let is_new = |cell: usize| {
        let (row, column) = (cell / width, cell % width);
        let mut near =
            around(row, height).flat_map(|row| around(column, width).map(move |at| row * width + at));
        is_meant(cell) || !is_another(cell) && near.any(is_meant)
    };
    (0..level.regions.len()).map(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_of_the_background_is_painted_anew_and_no_other_region() {
        // Columns 0 to 5 are the background, 6 and 7 one region, 8 another, 9 none, the rest background.
        let level = of([1, 1, 1, 1, 1, 1, 2, 2, 4, 0, 1, 1, 1, 1, 1, 1]);
        let columns = |bits| columns(&level, None, bits);
        assert_eq!(columns(2), [5, 6, 7]);
        assert_eq!(columns(4), [8, 9]);
        assert_eq!(columns(2 | 4), [5, 6, 7, 8, 9]);
        // The background has no margin within the regions on it.
        assert_eq!(columns(1), [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15]);
    }

    #[test]
    fn what_a_region_has_left_to_the_background_is_painted_anew_with_it() {
        // The first region has moved from 2 to 5 to 8 and 9; the other has taken 4 and 5.
        let level = of([1, 1, 1, 1, 4, 4, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1]);
        let before = of([1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4]);
        assert_eq!(columns(&level, Some(&before), 2), [1, 2, 3, 7, 8, 9, 10]);
        assert_eq!(columns(&level, Some(&before), 4), [3, 4, 5, 6, 13, 14, 15]);
        // What was background and no longer is stays.
        assert_eq!(columns(&level, Some(&before), 1), columns(&level, None, 1));
    }

    #[test]
    fn a_layout_of_another_shape_than_the_picture_is_told() {
        let note = |width, height, regions: u8, size: (i64, i64)| {
            let pixels = (0..width * height).map(|at| at as u8 % regions).collect();
            let layout = layout::Layout::new(width, height, regions.into(), pixels).expect("a layout");
            Canvas::from(&layout).note(Size::new(size.0, size.1).expect("a size"))
        };
        let told = note(16, 8, 2, (256, 256)).expect("it is stretched");
        assert!(told.contains("16x8") && told.contains("256x256"), "{told}");
        assert!(note(8, 16, 2, (256, 256)).is_some());
        assert_eq!(note(16, 8, 2, (512, 256)), None);
        assert_eq!(note(65, 63, 2, (512, 512)), None, "nobody sees that");
        assert_eq!(note(16, 8, 1, (256, 256)), None);
    }

    fn of(row: [i32; 16]) -> Level {
        Level { height: 16, width: 16, regions: row.repeat(16), areas: vec![0.0; 256] }
    }

    fn columns(level: &Level, before: Option<&Level>, bits: i32) -> Vec<usize> {
        let mask = mask(level, before, bits);
        assert!(mask.chunks_exact(16).all(|row| row == &mask[..16]));
        (0..16).filter(|&column| mask[column]).collect()
    }
}
