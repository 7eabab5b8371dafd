//! From the wire type to validated types.

use std::path::PathBuf;

use layout::{Layout, MAX_REGIONS, Modulation, ModulationSettings, Occurrence, RegionSettings};

use crate::problem::Problems;
use crate::size::side;
use crate::{
    Defaults, Generation, GenerationRequest, Inpaint, InpaintRequest, LayoutRequest, LayoutSource, MAX_SEED,
    OccurrenceRequest, Region, RegionRequest, RequestError, Sampling, Seed, Size, limits,
};

/// The longest base64 form of a picture: 32 MiB of PNG are more than any layout needs.
const MAX_PNG: usize = 44 << 20;

/// The separator between region texts, as in the original demo.
pub const SEPARATOR: &str = " , ";

impl GenerationRequest {
    /// Fills in the defaults and checks everything.
    ///
    /// # Errors
    /// All problems, each with the field's path, its value and what is allowed.
    pub fn parse(self, defaults: &Defaults) -> Result<Generation, RequestError> {
        let mut problems = Problems::default();
        let values = self.over(defaults);
        let layout = layout_source(self.layout, self.regions.len(), &mut problems);
        let settings = ModulationSettings {
            w_cross: values.w_cross,
            w_self: values.w_self,
            size_adjust: values.size_adjust,
            modulated_fraction: values.modulated_fraction,
            exponent: values.exponent,
            constant: self.constant,
            regions: self.regions.iter().take(MAX_REGIONS).map(region_settings).collect(),
        };
        let inpaint = self.inpaint.map(|inpaint| inpainted(inpaint, self.regions.len(), &mut problems));
        let regions = regions(self.regions, &mut problems);
        let prompt =
            self.prompt.filter(|prompt| !prompt.trim().is_empty()).unwrap_or_else(|| joined(texts(&regions)));
        problems.text("prompt", &prompt);
        problems.text("negative_prompt", &values.negative_prompt);
        let size = size(values.width, values.height, &mut problems);
        let seed = seed(self.seed, &mut problems);
        problems.whole("steps", values.steps, limits::STEPS);
        problems.number("guidance_scale", values.guidance_scale, limits::GUIDANCE_SCALE);
        problems.number("eta", values.eta, limits::ETA);
        problems.whole("samples", values.samples, limits::SAMPLES);
        let modulation = modulation(settings, &mut problems);
        match (layout, size, seed, modulation) {
            (Some(layout), Some(size), Some(seed), Some(modulation)) if problems.is_empty() => {
                Ok(Generation {
                    layout,
                    regions,
                    inpaint,
                    prompt,
                    negative_prompt: values.negative_prompt,
                    size,
                    seed,
                    guidance_scale: values.guidance_scale,
                    sampling: Sampling {
                        scheduler: values.scheduler,
                        steps: values.steps as usize,
                        timestep_spacing: values.timestep_spacing,
                        karras: values.karras,
                        // Others have none, whatever was chosen for DDIM before.
                        eta: if values.scheduler.has_eta() { values.eta } else { 0.0 },
                    },
                    samples: values.samples as usize,
                    modulation,
                    masks: values.masks,
                })
            }
            _ => Err(problems.into_error()),
        }
    }
}

fn layout_source(layout: LayoutRequest, regions: usize, problems: &mut Problems) -> Option<LayoutSource> {
    match layout {
        LayoutRequest::Runs(wire) => match Layout::try_from(&wire) {
            Ok(layout) if layout.regions() == regions => return Some(LayoutSource::Runs(layout)),
            Ok(layout) => {
                let allowed = format!("one text per region of the layout, which has {}", layout.regions());
                problems.add("regions", format!("has {regions} texts"), allowed);
            }
            Err(error) => problems.add("layout.runs", error.to_string(), "a layout in run-length form"),
        },
        LayoutRequest::Png(data) if data.is_empty() || data.len() > MAX_PNG => {
            problems.add("layout.png", format!("has {} characters", data.len()), format!("1 to {MAX_PNG}"));
        }
        LayoutRequest::Png(data) => return Some(LayoutSource::Png(data)),
        LayoutRequest::Path(path) if path.is_empty() => {
            problems.add("layout.path", "is empty", "the path of a PNG file");
        }
        LayoutRequest::Path(path) => return Some(LayoutSource::Path(PathBuf::from(path))),
    }
    None
}

fn inpainted(wire: InpaintRequest, count: usize, problems: &mut Problems) -> Inpaint {
    problems.text("inpaint.image", &wire.image);
    if wire.image.is_empty() {
        problems.add("inpaint.image", "is empty", "where the picture is");
    }
    let mut regions: Vec<usize> = wire.regions.iter().filter_map(|&n| usize::try_from(n).ok()).collect();
    regions.sort_unstable();
    regions.dedup();
    if regions.len() != wire.regions.len() || regions.last().is_none_or(|&last| last >= count) {
        let found = format!("is {:?}", &wire.regions[..wire.regions.len().min(MAX_REGIONS)]);
        let allowed = format!("at least one of 0 to {}, each once", count.saturating_sub(1));
        problems.add("inpaint.regions", found, allowed);
    }
    Inpaint { image: wire.image, regions }
}

fn regions(regions: Vec<RegionRequest>, problems: &mut Problems) -> Vec<Region> {
    if !(1..=MAX_REGIONS).contains(&regions.len()) {
        problems.add("regions", format!("has {} entries", regions.len()), format!("1 to {MAX_REGIONS}"));
    }
    // Entries beyond the limit are reported once, not one by one.
    let region = |(n, region): (usize, RegionRequest)| {
        problems.text(&format!("regions[{n}].text"), &region.text);
        let occurrence = occurrence(n, region.occurrence, problems);
        Region { text: region.text, occurrence }
    };
    regions.into_iter().take(MAX_REGIONS).enumerate().map(region).collect()
}

fn region_settings(region: &RegionRequest) -> RegionSettings {
    let neutral = RegionSettings::default();
    RegionSettings {
        weight: region.weight.unwrap_or(neutral.weight),
        start: region.start.unwrap_or(neutral.start),
        end: region.end.unwrap_or(neutral.end),
    }
}

fn occurrence(n: usize, wire: Option<OccurrenceRequest>, problems: &mut Problems) -> Option<Occurrence> {
    let wire = wire?;
    let occurrence = wire.parse();
    if occurrence.is_none() {
        problems.add(format!("regions[{n}].occurrence"), format!("is {wire}"), OccurrenceRequest::ALLOWED);
    }
    occurrence
}

/// The default full text: the regions' texts joined, blank ones left out.
pub fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(SEPARATOR)
}

/// Where each text begins in the full text, in bytes, if that is the texts [`joined`]. One that occurs twice,
/// or within a longer one, has its own place and not the first. A blank one's place means nothing.
pub fn own_places<'a>(full: &str, texts: impl Iterator<Item = &'a str> + Clone) -> Option<Vec<usize>> {
    if joined(texts.clone()) != full {
        return None;
    }
    let mut next = 0;
    let place = |text: &str| {
        let words = text.trim_start();
        let start = next + text.len() - words.len();
        if !words.is_empty() {
            next += text.len() + SEPARATOR.len();
        }
        start
    };
    Some(texts.map(place).collect())
}

fn texts(regions: &[Region]) -> impl Iterator<Item = &str> {
    regions.iter().map(|region| region.text.as_str())
}

fn size(width: i64, height: i64, problems: &mut Problems) -> Option<Size> {
    for (path, pixels) in [("width", width), ("height", height)] {
        if side(pixels).is_none() {
            problems.add(path, format!("is {pixels}"), Size::ALLOWED);
        }
    }
    Size::new(width, height)
}

fn seed(seed: Option<i64>, problems: &mut Problems) -> Option<Seed> {
    let allowed = -1..=MAX_SEED as i64;
    match seed.unwrap_or(-1) {
        -1 => Some(Seed::Random),
        seed => {
            problems.whole("seed", seed, allowed);
            u64::try_from(seed).ok().map(Seed::Fixed)
        }
    }
}

fn modulation(settings: ModulationSettings, problems: &mut Problems) -> Option<Modulation> {
    match Modulation::new(settings) {
        Ok(modulation) => Some(modulation),
        Err(wrong) => {
            for setting in wrong {
                let allowed = format!("{} to {}", setting.allowed.start(), setting.allowed.end());
                problems.add(setting.field, format!("is {:?}", setting.value), allowed);
            }
            None
        }
    }
}
