//! `dense-diffusion generate`: pictures from a drawn layout and its texts.

mod dump;
mod flags;

use std::fs::DirEntry;
use std::path::Path;

use anyhow::Context;
use diffusion::{CancelToken, Canvas, DiffusionError, LoadOptions, Painting, Picture, Pipeline, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use layout::Layout;
use request::{Generation, LayoutSource};

pub use flags::Args;

use crate::cli::embedded;
use crate::cli::interrupt::{self, Interrupted};
use crate::original::{self, Original};
use crate::say::{mention, say};
use crate::web::ModelPlace;
use crate::{files, picture, prepare};

/// Validates as much as possible, then loads the model, paints and writes.
pub fn run(args: Args) -> anyhow::Result<()> {
    let ModelPlace { path: model, name } = embedded::model(args.model.as_deref())?;
    let mut generation = args.generation(&diffusion::defaults(&model)?)?;
    let layout = prepare::layout(&generation)?;
    let inpaint = generation.inpaint.as_ref();
    let decode = |bytes: &[u8]| Original::decode(bytes, &generation);
    let original = inpaint.map(|inpaint| files::read("picture", Path::new(&inpaint.image), decode));
    let original = original.transpose()?;
    let canvas = original::canvas(&layout, original.as_ref());
    let is_picture = !matches!(generation.layout, LayoutSource::Runs(_));
    // From here on the request contains the layout itself, to be embedded in the picture.
    generation.layout = LayoutSource::Runs(layout.clone());
    let seed = prepare::seed(generation.seed);
    for folder in [Some(&args.out), args.dump.as_ref()].into_iter().flatten() {
        writable(folder)?;
    }
    // Fails early if unreadable; numbers are taken after the work, as others may write meanwhile.
    next_number(&args.out)?;
    if let Some(folder) = &args.dump {
        dump::is_free(folder)?;
    }

    let choice = args.device.device.explain()?;
    let options =
        LoadOptions { safety_checker: args.safety_checker.is_on(), ..args.device.load(choice.device) };
    let pipeline = Pipeline::load(&model, &options)?;
    let name = options.name(&name);
    if let Some(other) = args.another_model(&name) {
        mention(format_args!("note: that picture was painted by {other}, this one is by {name}"));
    }
    let cancel = interrupt::token()?;
    let painting = paint(&pipeline, &generation, canvas, seed, args.dump.as_deref(), &cancel)?;
    mention(format_args!("device: {choice}"));
    if is_picture {
        tell_regions(&generation, &layout);
    }
    for note in &painting.notes {
        mention(format_args!("note: {note}"));
    }
    write(&args.out, &painting, &generation, seed, &name, &cancel)
}

/// Which text the colours' order gave to how much of the picture.
fn tell_regions(generation: &Generation, layout: &Layout) {
    let pixels = layout.pixels().len();
    let percent = |area: usize| 100.0 * area as f64 / pixels as f64;
    let areas = layout.areas();
    for (n, (area, region)) in areas.iter().zip(&generation.regions).enumerate() {
        mention(format_args!("region {n}, {:.1} % of the layout: {}", percent(*area), region.text));
    }
    let outside = pixels - areas.iter().sum::<usize>();
    if outside > 0 {
        mention(format_args!(
            "{:.1} % of the layout has other colours and lies in no region",
            percent(outside)
        ));
    }
}

/// The number after those of all existing pictures.
fn next_number(out: &Path) -> anyhow::Result<usize> {
    let there = std::fs::read_dir(out).with_context(|| format!("{}: cannot be read", out.display()))?;
    let number = |entry: DirEntry| entry.file_name().to_str()?.strip_suffix(".png")?.parse::<u32>().ok();
    Ok(there.flatten().filter_map(number).max().map_or(0, |last| last as usize + 1))
}

/// Creates the folder and writes to it, so that a full disk fails before the work.
fn writable(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder).map(drop))
        .with_context(|| format!("{}: cannot be written", folder.display()))
}

/// Paints with a progress bar; Ctrl-C stops after the current step.
fn paint<'p>(
    pipeline: &'p Pipeline,
    generation: &Generation,
    canvas: Canvas<'_>,
    seed: u64,
    dump: Option<&Path>,
    cancel: &CancelToken,
) -> anyhow::Result<Painting<'p>> {
    let bar = ProgressBar::new(generation.sampling.steps as u64).with_style(ProgressStyle::with_template(
        "seed {msg}  {wide_bar} step {pos}/{len}  {elapsed} elapsed, {eta} left",
    )?);
    bar.set_message(seed.to_string());

    let mut failed = None;
    let mut watch = |progress: &Progress<'_>| {
        bar.set_position(progress.step as u64);
        if let Some(folder) = dump
            && let Err(error) = dump::latents(folder, progress)
        {
            failed.get_or_insert(error);
            cancel.cancel();
        }
    };
    let result = pipeline.generate(generation, canvas, seed, cancel, &mut watch);
    bar.finish_and_clear();
    match (failed, result) {
        (Some(error), _) => Err(error),
        (None, Err(DiffusionError::Cancelled)) => {
            Err(Interrupted("interrupted, no picture was written".into()).into())
        }
        (None, result) => Ok(result?),
    }
}

/// Writes `0.png`, `1.png`, … after existing ones and prints the paths; Ctrl-C stops before the next.
fn write(
    out: &Path,
    painting: &Painting<'_>,
    generation: &Generation,
    seed: u64,
    model: &str,
    cancel: &CancelToken,
) -> anyhow::Result<()> {
    let (request, parameters) = picture::texts_of(generation, seed, model)?;
    let mut number = next_number(out)?;
    for (index, picture) in painting.pictures().enumerate() {
        let Picture { image, note } = picture?;
        let png = picture::encode_png(&image, &request, &parameters)?;
        // Another process may have taken a number meanwhile.
        let path = loop {
            let path = out.join(format!("{number}.png"));
            number += 1;
            if files::write_new(&path, &png)? {
                break path;
            }
        };
        let _ = say(format_args!("{} (seed {seed})", path.display()));
        if let Some(note) = note {
            mention(format_args!("note: {note}"));
        }
        let written = index + 1;
        if cancel.is_cancelled() && written < generation.samples {
            let said = format!("interrupted, {written} of {} pictures were written", generation.samples);
            return Err(Interrupted(said).into());
        }
    }
    Ok(())
}
