//! `dense-diffusion judge`: what the evaluator sees in a picture that this program made.

use std::path::PathBuf;

use anyhow::Context;
use benchmark::score::{grid, score};
use benchmark::{Evaluator, wanted_by_texts};
use image::{DynamicImage, RgbImage};
use request::{Defaults, Generation, GenerationRequest};
use serde::Serialize;

use crate::cli::embedded;
use crate::say::{mention, say};
use crate::{files, picture, prepare};

/// Say whether each object of a picture is where it was drawn
///
/// The picture carries its layout and texts; a region is judged if its text names one kind that the evaluator knows.
/// Prints one JSON object a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A picture that this program made
    #[arg(value_name = "PNG")]
    picture: PathBuf,
    /// The segmenter that looks at it [default: models/scenes-evaluator]
    #[arg(long, value_name = "DIR")]
    evaluator: Option<PathBuf>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    region: usize,
    text: &'a str,
    there: bool,
    in_region: bool,
    iou: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<bool>,
}

/// Evaluates the picture and prints a verdict for each object.
pub fn run(args: Args) -> anyhow::Result<()> {
    let (generation, regions, pixels) = files::read("picture", &args.picture, read)?;

    let folder = args.evaluator.or_else(|| embedded::EVALUATOR.folder());
    let folder = folder.with_context(|| {
        format!("there is no {} here: name one with --evaluator", embedded::EVALUATOR.name)
    })?;
    let mut evaluator = Evaluator::open(&folder)?;
    let texts: Vec<String> = generation.regions.iter().map(|region| region.text.clone()).collect();
    let objects = wanted_by_texts(&texts, evaluator.classes());
    for (region, text) in texts.iter().enumerate().skip(1) {
        if objects.iter().all(|object| object.region != region) {
            mention(format_args!(
                "note: region {region} is not judged: {text:?} names no kind that the evaluator knows, or several"
            ));
        }
    }
    let maps = evaluator.look(&pixels).map_err(anyhow::Error::msg)?;
    for (object, seen) in objects.iter().zip(score(&objects, &regions, &maps)) {
        let verdict = Verdict {
            region: object.region,
            text: &texts[object.region],
            there: seen.there,
            in_region: seen.in_region,
            iou: seen.iou,
            colour: seen.bound,
        };
        say(serde_json::to_string(&verdict)?)?;
    }
    Ok(())
}

/// The wanted objects, the regions of the evaluator's cells, and the picture.
fn read(bytes: &[u8]) -> anyhow::Result<(Generation, Vec<i32>, RgbImage)> {
    let carried = picture::carried_request(bytes)?.context("is no PNG")?;
    let request: GenerationRequest = serde_json::from_str(&carried).context("its request cannot be read")?;
    let generation = request.parse(&Defaults::default())?;
    let regions = grid(&prepare::layout(&generation)?)?;
    let pixels = DynamicImage::from(picture::decode(bytes)?).into_rgb8();
    Ok((generation, regions, pixels))
}
