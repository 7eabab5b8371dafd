//! The recorded runs of `fixtures/reference`, described in `fixtures/README.md`.
#![allow(dead_code, reason = "each test file uses a part")]

#[path = "../../../../fixtures/tolerance.rs"]
mod tolerance;

use std::path::PathBuf;

use diffusion::{Canvas, Lora};
use image::RgbImage;
use layout::{Layout, Picture};
use request::{Defaults, Generation, GenerationRequest, LayoutSource, Seed};
use safetensors::SafeTensors;

#[allow(unused_imports, reason = "each test file uses a part")]
pub use tolerance::tolerance;

pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// A recorded run.
pub struct Run {
    bytes: Vec<u8>,
    pub checkpoint: PathBuf,
    /// What changes the checkpoint.
    pub loras: Vec<Lora>,
    pub generation: Generation,
    pub layout: Layout,
    /// The picture that an inpainting run paints on.
    pub image: Option<RgbImage>,
    pub seed: u64,
}

impl Run {
    pub fn open(name: &str) -> Self {
        let folder = fixtures().join("reference").join(name);
        let bytes = std::fs::read(folder.join("reference.safetensors")).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let checkpoint = &metadata.metadata().as_ref().unwrap()["checkpoint"];
        let lora = std::fs::read_to_string(folder.join("lora.txt")).ok().map(|text| {
            let (file, weight) = text.trim().split_once(':').unwrap();
            Lora { path: fixtures().join("loras").join(file), weight: weight.parse().unwrap() }
        });
        let request = std::fs::read_to_string(folder.join("request.json")).unwrap();
        let request: GenerationRequest = serde_json::from_str(&request).unwrap();
        let generation = request.parse(&Defaults::default()).unwrap();
        let (LayoutSource::Path(path), Seed::Fixed(seed)) = (&generation.layout, generation.seed) else {
            panic!("{name}: a recorded run has a layout picture and a seed")
        };
        let rgba = image::open(folder.join(path)).unwrap().into_rgba8();
        let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
        let matching = generation.masks.color_match();
        let layout = Layout::from_colors(picture, generation.regions.len(), matching).unwrap();
        let checkpoint = fixtures().join("checkpoints").join(checkpoint);
        let loras = lora.into_iter().collect();
        let mut run = Self { bytes, checkpoint, loras, generation, layout, image: None, seed };
        if run.generation.inpaint.is_some() {
            let size = run.generation.size;
            run.image = RgbImage::from_raw(size.width(), size.height(), run.u8("image"));
            assert!(run.image.is_some(), "{name}: the picture has another size");
        }
        run
    }

    pub fn canvas(&self) -> Canvas<'_> {
        Canvas { image: self.image.as_ref(), ..Canvas::from(&self.layout) }
    }

    fn tensor(&self, name: &str) -> Vec<u8> {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        tensors.tensor(name).unwrap_or_else(|_| panic!("no tensor {name}")).data().to_vec()
    }

    pub fn f32(&self, name: &str) -> Vec<f32> {
        self.tensor(name).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    pub fn i32(&self, name: &str) -> Vec<i32> {
        self.tensor(name).as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    }

    pub fn i64(&self, name: &str) -> Vec<i64> {
        self.tensor(name).as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
    }

    pub fn u8(&self, name: &str) -> Vec<u8> {
        self.tensor(name)
    }
}

/// The largest distance between two lists of the same length; infinite where one is no number, which `max` passes over.
pub fn max_distance(ours: &[f32], theirs: &[f32]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let distance = |(a, b): (&f32, &f32)| {
        let distance = f64::from((a - b).abs());
        if distance.is_nan() { f64::INFINITY } else { distance }
    };
    ours.iter().zip(theirs).map(distance).fold(0.0, f64::max)
}
