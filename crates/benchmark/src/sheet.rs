//! A contact sheet of the pictures, each item's layout first.

use image::{Rgb, RgbImage, imageops};

use crate::error::{BenchmarkError, write};
use crate::judge::picture;
use crate::{Job, Run};

/// Pixels along a side of a picture on the sheet.
const SIDE: u32 = 128;

/// Pixels between two pictures, and between two groups.
const GAP: u32 = 4;

/// Maximum items on a sheet: nobody looks at more.
const MAX_ITEMS: usize = 48;

/// Writes `sheet.png`: per item its layout and its picture in each of `variants` variants, in rows; `jobs`
/// are grouped by item. Missing pictures stay grey.
///
/// # Errors
/// A layout or picture cannot be read, or the sheet cannot be written.
pub fn sheet(
    run: &Run,
    jobs: &[Job<'_>],
    variants: usize,
    path: &std::path::Path,
) -> Result<(), BenchmarkError> {
    let items: Vec<&[Job<'_>]> = jobs.chunks(variants.max(1)).take(MAX_ITEMS).collect();
    let width = (variants as u32 + 1) * (SIDE + GAP) + GAP;
    let height = SIDE + 2 * GAP;
    // Roughly square.
    let columns =
        ((items.len() as f64 * f64::from(height) / f64::from(width)).sqrt().round() as usize).max(1);
    let rows = items.len().div_ceil(columns);
    let mut sheet = RgbImage::from_pixel(columns as u32 * width, rows as u32 * height, Rgb([225; 3]));
    for (at, group) in items.iter().enumerate() {
        let left = (at % columns) as u32 * width + GAP;
        let top = (at / columns) as u32 * height + GAP;
        let mut put = |column: usize, picture: &RgbImage| {
            let x = left + column as u32 * (SIDE + GAP);
            imageops::replace(&mut sheet, picture, i64::from(x), i64::from(top));
        };
        let layout = image::DynamicImage::from(group[0].item.rgba()?).into_rgb8();
        put(0, &imageops::resize(&layout, SIDE, SIDE, imageops::FilterType::Nearest));
        for (column, job) in group.iter().enumerate().filter(|(_, job)| run.seconds(job).is_some()) {
            put(column + 1, &imageops::thumbnail(&picture(run, job)?, SIDE, SIDE));
        }
    }
    let mut png = std::io::Cursor::new(Vec::new());
    sheet.write_to(&mut png, image::ImageFormat::Png).map_err(|error| BenchmarkError::file(path, error))?;
    write(path, png.get_ref())
}
