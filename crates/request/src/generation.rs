//! A validated request.

use std::path::PathBuf;

use layout::{Layout, LayoutWire, MaskMode, Modulation, Occurrence};

use crate::{
    GenerationRequest, InpaintRequest, LayoutRequest, RegionRequest, Scheduler, Size, TimestepSpacing,
};

/// Everything a generation needs, within its limits; made by [`GenerationRequest::parse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// Where the regions lie; replace a picture by [`LayoutSource::Runs`] once it is decoded.
    pub layout: LayoutSource,
    /// 1 to 32 regions, the background first.
    pub regions: Vec<Region>,
    /// A picture of which only some regions are repainted.
    pub inpaint: Option<Inpaint>,
    /// The full text.
    pub prompt: String,
    /// What the picture should not show; may be empty.
    pub negative_prompt: String,
    /// The size of the picture.
    pub size: Size,
    /// The seed.
    pub seed: Seed,
    /// Classifier-free guidance scale, 0 to 50; 1 and below turn guidance off.
    pub guidance_scale: f64,
    /// How it is denoised.
    pub sampling: Sampling,
    /// Number of pictures, 1 to 16.
    pub samples: usize,
    /// The modulation, with one entry per region.
    pub modulation: Modulation,
    /// How the layout is brought to the UNet's resolutions, and how its colours are compared.
    pub masks: MaskMode,
}

/// How noise becomes a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The scheduler.
    pub scheduler: Scheduler,
    /// Number of denoising steps, 1 to 1000.
    pub steps: usize,
    /// How the steps are spread; `None`: as the model's `scheduler_config.json` says.
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Whether the sigmas are Karras's; `None`: as the model's `scheduler_config.json` says.
    pub karras: Option<bool>,
    /// DDIM's share of fresh noise, 0 to 1; 0 for the other schedulers, which have none.
    pub eta: f64,
}

/// Where a layout comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum LayoutSource {
    /// The layout itself, with as many regions as the generation.
    Runs(Layout),
    /// A PNG of colours in base64.
    Png(String),
    /// A file; a server must refuse it.
    Path(PathBuf),
}

/// A picture of which only some regions are repainted: inpainting, with regions as the mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inpaint {
    /// Where the picture is, to be read at the edge.
    pub image: String,
    /// The regions to repaint, each once; at least one.
    pub regions: Vec<usize>,
}

/// What is in a region; its weight and window are in [`Generation::modulation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The text; empty: no token is bound.
    pub text: String,
    /// Which occurrence of the text in the full text is meant; `None`: its own, if the full text is the
    /// joined texts, else the first.
    pub occurrence: Option<Occurrence>,
}

/// The seed of the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seed {
    /// To be drawn, and reported.
    Random,
    /// Given.
    Fixed(u64),
}

impl Generation {
    /// The complete wire form with the seed that was used, for a picture to carry: parsed again with any defaults, it
    /// gives the same generation.
    ///
    /// What is `None` (as in the model's `scheduler_config.json`) stays `None`.
    pub fn to_request(&self, used_seed: u64) -> GenerationRequest {
        let Sampling { scheduler, steps, timestep_spacing, karras, eta } = self.sampling;
        let settings = self.modulation.settings();
        GenerationRequest {
            layout: match &self.layout {
                LayoutSource::Runs(layout) => LayoutRequest::Runs(LayoutWire::from(layout)),
                LayoutSource::Png(data) => LayoutRequest::Png(data.clone()),
                LayoutSource::Path(path) => LayoutRequest::Path(path.to_string_lossy().into_owned()),
            },
            regions: (0..self.regions.len()).map(|n| self.region_request(n)).collect(),
            inpaint: self.inpaint.as_ref().map(|Inpaint { image, regions }| InpaintRequest {
                image: image.clone(),
                regions: regions.iter().map(|&region| region as i64).collect(),
            }),
            prompt: Some(self.prompt.clone()),
            negative_prompt: Some(self.negative_prompt.clone()),
            width: Some(i64::from(self.size.width())),
            height: Some(i64::from(self.size.height())),
            seed: i64::try_from(used_seed).ok(),
            steps: Some(steps as i64),
            guidance_scale: Some(self.guidance_scale),
            scheduler: Some(scheduler),
            timestep_spacing,
            karras,
            eta: Some(eta),
            samples: Some(self.samples as i64),
            w_cross: Some(settings.w_cross),
            w_self: Some(settings.w_self),
            size_adjust: Some(settings.size_adjust),
            modulated_fraction: Some(settings.modulated_fraction),
            exponent: Some(settings.exponent),
            constant: settings.constant,
            masks: Some(self.masks),
        }
    }

    fn region_request(&self, n: usize) -> RegionRequest {
        let (region, settings) = (&self.regions[n], self.modulation.region(n));
        RegionRequest {
            text: region.text.clone(),
            weight: Some(settings.weight),
            start: Some(settings.start),
            end: Some(settings.end),
            occurrence: region.occurrence.map(Into::into),
        }
    }
}
