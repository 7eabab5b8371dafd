//! `dense-diffusion judge`: what the evaluator sees in a picture that this program made.

use std::path::PathBuf;

use anyhow::Context;
use benchmark::score::{grid, score};
use benchmark::{Evaluator, wanted_by_texts};
use request::{Defaults, GenerationRequest};
use serde::Serialize;

use crate::cli::embedded;
use crate::say::{mention, say};
use crate::{picture, prepare};

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

/// Looks at the picture and prints a verdict for each object.
pub fn run(args: Args) -> anyhow::Result<()> {
    let place = || format!("picture {}", args.picture.display());
    let bytes = std::fs::read(&args.picture).context("cannot be read").with_context(place)?;
    let carried = picture::carried_request(&bytes).with_context(place)?;
    let carried = carried.context("is no PNG").with_context(place)?;
    let request: GenerationRequest =
        serde_json::from_str(&carried).context("its request cannot be read").with_context(place)?;
    let generation = request.parse(&Defaults::default()).with_context(place)?;
    let regions = grid(&prepare::layout(&generation)?).with_context(place)?;
    let pixels = image::load_from_memory(&bytes).context("is damaged").with_context(place)?.into_rgb8();

    let folder = args.evaluator.or_else(|| embedded::EVALUATOR.folder());
    let folder = folder.with_context(|| {
        format!("there is no {} here: name one with --evaluator", embedded::EVALUATOR.name)
    })?;
    let mut evaluator = Evaluator::open(&folder)?;
    let texts: Vec<String> = generation.regions.iter().map(|region| region.text.clone()).collect();
    let objects = wanted_by_texts(&texts, evaluator.classes());
    if objects.is_empty() {
        mention("note: no text of a region names what the evaluator knows: there is nothing to judge");
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
