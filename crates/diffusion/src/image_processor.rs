//! Preprocessing of pictures for CLIP: transformers' `CLIPImageProcessor`.

use std::path::Path;

use export::ExportError;
use export::config::ConfigFile;
use image::RgbImage;
use image::imageops::{self, FilterType};
use serde_json::json;

const CONFIG: &str = "feature_extractor/preprocessor_config.json";

/// The mean red, green and blue of CLIP's training images, in 0..1.
const CLIP_MEAN: [f32; 3] = [0.48145466, 0.4578275, 0.40821073];
/// Their standard deviation.
#[allow(clippy::excessive_precision, reason = "the numbers as they are published")]
const CLIP_STD: [f32; 3] = [0.26862954, 0.26130258, 0.27577711];

/// Turns a picture into a square of normalised pixels.
#[derive(Debug)]
pub(crate) struct ImageProcessor {
    side: u32,
    mean: [f32; 3],
    std: [f32; 3],
}

impl ImageProcessor {
    /// Creates one for squares of `side` pixels, from `feature_extractor/preprocessor_config.json` in the
    /// checkpoint's `folder`, with CLIP's values for what that leaves out.
    ///
    /// # Errors
    /// Unsupported preprocessing, by file, key and value.
    pub fn open(folder: &Path, side: usize) -> Result<Self, ExportError> {
        let file = ConfigFile::read_if_there(folder.join(CONFIG))?;
        file.supports(&[
            ("do_resize", vec![json!(true)]),
            ("do_center_crop", vec![json!(true)]),
            ("do_rescale", vec![json!(true)]),
            ("do_normalize", vec![json!(true)]),
            ("rescale_factor", vec![json!(1.0 / 255.0)]),
            ("resample", vec![json!(3)]),
            ("size", vec![json!(side), json!({ "shortest_edge": side })]),
            ("crop_size", vec![json!(side), json!({ "height": side, "width": side })]),
        ])?;
        let colour = |key: &str, default: [f32; 3]| {
            let read = file.value(key, |value| serde_json::from_value(value.clone()).ok(), "three numbers");
            read.map(|colour| colour.unwrap_or(default))
        };
        let (mean, std) = (colour("image_mean", CLIP_MEAN)?, colour("image_std", CLIP_STD)?);
        Ok(Self { side: side as u32, mean, std })
    }

    /// Scales the shorter side to the square's (bicubic), crops the centre and normalises each colour to mean
    /// 0 and deviation 1: planes `[3, side, side]`. Before that last step, values are within
    /// `image_processor` in `fixtures/tolerances.json` of transformers', in units of 1/255.
    pub fn process(&self, picture: &RgbImage) -> Vec<f32> {
        let (side, (width, height)) = (self.side, picture.dimensions());
        let scaled = |length: u32| u64::from(side) * u64::from(length) / u64::from(width.min(height));
        let (width, height) = (scaled(width) as u32, scaled(height) as u32);
        // First the width, then the height, each rounded to bytes: as Pillow does.
        let wide = imageops::resize(picture, width, picture.height(), FilterType::CatmullRom);
        let resized = imageops::resize(&wide, width, height, FilterType::CatmullRom);
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let square = imageops::crop_imm(&resized, left, top, side, side).to_image();
        let normal = |colour: usize| {
            let (mean, std) = (self.mean[colour], self.std[colour]);
            square.pixels().map(move |pixel| (f32::from(pixel[colour]) / 255.0 - mean) / std)
        };
        (0..3).flat_map(normal).collect()
    }

    /// Side of the square, in pixels.
    pub fn side(&self) -> usize {
        self.side as usize
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::path::PathBuf;

    use safetensors::SafeTensors;
    use serde_json::Value;

    use super::*;

    const SIDE: usize = 32;

    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
    }

    #[test]
    fn pixels_are_those_of_transformers() {
        let processor = ImageProcessor::open(&fixtures().join("checkpoints/safety"), SIDE).unwrap();
        let tolerances = std::fs::read(fixtures().join("tolerances.json")).unwrap();
        let tolerances: Value = serde_json::from_slice(&tolerances).unwrap();
        let allowed = |what: &str| tolerances["image_processor"][what].as_f64().unwrap();
        let recorded = std::fs::read(fixtures().join("reference/safety/reference.safetensors")).unwrap();
        let recorded = SafeTensors::deserialize(&recorded).unwrap();
        let theirs = recorded.tensor("clip_input").unwrap();
        let theirs = theirs.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let theirs: Vec<f32> = theirs.collect();
        // The square's size; larger and oblong; smaller and oblong.
        for (number, theirs) in theirs.chunks_exact(3 * SIDE * SIDE).enumerate() {
            let picture = recorded.tensor(&format!("picture.{number}")).unwrap();
            let (height, width) = (picture.shape()[0] as u32, picture.shape()[1] as u32);
            let picture = RgbImage::from_raw(width, height, picture.data().to_vec()).unwrap();
            let ours = processor.process(&picture);
            assert_eq!(ours.len(), theirs.len());
            let std = CLIP_STD.iter().flat_map(|std| [*std; SIDE * SIDE]);
            let off = ours.iter().zip(theirs).zip(std);
            let off: Vec<_> = off.map(|((a, b), std)| f64::from((a - b).abs() * std * 255.0)).collect();
            let (max, mean) =
                (off.iter().copied().fold(0.0, f64::max), off.iter().sum::<f64>() / off.len() as f64);
            println!("picture {number}: at most {max}, on average {mean}");
            assert!(max <= allowed("max"), "picture {number}: a value is {max}/255 off");
            assert!(mean <= allowed("mean"), "picture {number}: {mean}/255 off on average");
        }
    }

    #[test]
    fn another_way_of_preprocessing_is_named_by_file_key_and_value() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("feature_extractor")).unwrap();
        let open = |config: Value| {
            std::fs::write(folder.path().join(CONFIG), config.to_string()).unwrap();
            ImageProcessor::open(folder.path(), 224)
        };
        for (key, value) in [
            ("resample", json!(2)),
            ("do_center_crop", json!(false)),
            ("size", json!({ "shortest_edge": 256 })),
            ("crop_size", json!(336)),
            ("image_std", json!([0.5])),
        ] {
            let error = open(json!({ key: value })).unwrap_err().to_string();
            for part in [CONFIG, key, &value.to_string()] {
                assert!(error.contains(part), "{part} is not in: {error}");
            }
        }
        // As in the published checkpoints, and without a file.
        let published =
            json!({ "size": 224, "crop_size": 224, "resample": 3, "image_std": [0.5, 0.25, 0.125] });
        assert_eq!(open(published).unwrap().std, [0.5, 0.25, 0.125]);
        assert_eq!(ImageProcessor::open(Path::new("nowhere"), 224).unwrap().mean, CLIP_MEAN);
    }
}
