//! Runs a benchmark with the pipeline as its painter, a progress bar and Ctrl-C.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use benchmark::{Evaluator, Job, Judged, PaintError, Run, Set, Settings, Variant};
use diffusion::{CancelToken, DiffusionError, LoadOptions, Pipeline};
use image::RgbImage;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use layout::Layout;
use request::{Defaults, Generation};
use serde_json::Value;

use super::Args;
use crate::cli::interrupt;
use crate::say::mention;

/// Between two lines about how far it is, where no bar is drawn.
const LOGGED: Duration = Duration::from_secs(30);

/// A folder of pictures and what is needed to fill and judge it.
pub struct Work {
    run: Run,
    model: PathBuf,
    options: LoadOptions,
    defaults: Defaults,
    evaluator: Option<Evaluator>,
    /// Loaded for the first missing picture.
    pipeline: Option<Pipeline>,
    cancel: CancelToken,
    painted: usize,
}

/// A set in some variants, and the subfolder of their pictures.
pub struct Part<'a> {
    pub set: &'a Set,
    pub folder: &'a str,
    pub variants: &'a [Variant],
}

impl Work {
    pub fn new(
        args: &Args,
        model: PathBuf,
        defaults: Defaults,
        evaluator: Option<Evaluator>,
        load: LoadOptions,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let run = Run::open(&args.out, settings)?;
        let cancel = interrupt::token()?;
        let options = LoadOptions {
            // A blurred picture would count as a failure of the method.
            safety_checker: false,
            ..load
        };
        Ok(Self { run, model, options, defaults, evaluator, pipeline: None, cancel, painted: 0 })
    }

    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// How many pictures were painted.
    pub fn painted(&self) -> usize {
        self.painted
    }

    /// The evaluator's own accuracy.
    pub fn accuracy(&self) -> Option<Value> {
        self.evaluator.as_ref().map(|evaluator| evaluator.accuracy.clone().unwrap_or_default())
    }

    /// Paints the missing pictures of a part, and judges all, variant by variant.
    pub fn rows(&mut self, part: &Part<'_>) -> anyhow::Result<Vec<(Variant, Vec<Judged>)>> {
        let jobs = Job::all(part.set, part.folder, part.variants);
        self.paint(&jobs)?;
        let bar = bar(jobs.len(), "looking at picture")?;
        let mut rows = Vec::new();
        for variant in part.variants {
            let jobs: Vec<Job<'_>> = jobs.iter().copied().filter(|job| job.variant == variant).collect();
            let cancel = &self.cancel;
            let mut watch = |_| {
                bar.inc(1);
                !cancel.is_cancelled()
            };
            rows.push((
                variant.clone(),
                benchmark::judge(&self.run, &jobs, self.evaluator.as_mut(), &mut watch)?,
            ));
        }
        bar.finish_and_clear();
        Ok(rows)
    }

    fn paint(&mut self, jobs: &[Job<'_>]) -> anyhow::Result<()> {
        if self.run.is_done(jobs) {
            return Ok(());
        }
        let pipeline = match self.pipeline.take() {
            Some(pipeline) => pipeline,
            None => Pipeline::load(&self.model, &self.options)?,
        };
        let bar = bar(jobs.len(), "picture")?;
        let mut painter = |generation: &Generation, layout: &Layout, seed: u64| {
            paint(&pipeline, generation, layout, seed, &self.cancel, &bar)
        };
        let (mut first, mut told) = (true, Instant::now());
        let mut watch = |at: usize, job: &Job<'_>| {
            bar.set_position(at as u64);
            bar.set_message(job.picture());
            if std::mem::take(&mut first) {
                // Pictures from earlier do not count for the time estimate.
                bar.reset_eta();
            }
            // Where the bar is not drawn, in a log say.
            if bar.is_hidden() && told.elapsed() >= LOGGED {
                let left = HumanDuration(bar.eta());
                mention(format_args!("{at} of {} pictures painted, {left} left", jobs.len()));
                told = Instant::now();
            }
        };
        let painted = self.run.paint(jobs, &self.defaults, &mut painter, &mut watch);
        bar.finish_and_clear();
        self.painted += painted?;
        self.pipeline = Some(pipeline);
        Ok(())
    }

    /// The contact sheet of a part.
    pub fn sheet(&self, part: &Part<'_>, path: &Path) -> anyhow::Result<()> {
        let jobs = Job::all(part.set, part.folder, part.variants);
        Ok(benchmark::sheet::sheet(&self.run, &jobs, part.variants.len(), path)?)
    }
}

fn paint(
    pipeline: &Pipeline,
    generation: &Generation,
    layout: &Layout,
    seed: u64,
    cancel: &CancelToken,
    bar: &ProgressBar,
) -> Result<RgbImage, PaintError> {
    let painting = pipeline.generate(generation, layout, seed, cancel, &mut |_| bar.tick());
    match painting.and_then(|painting| painting.pictures().next().transpose()) {
        Ok(picture) => {
            picture.map(|picture| picture.image).ok_or_else(|| PaintError::Failed("no picture".into()))
        }
        Err(DiffusionError::Cancelled) => Err(PaintError::Interrupted),
        Err(error) => Err(PaintError::Failed(Box::new(error))),
    }
}

fn bar(length: usize, what: &str) -> anyhow::Result<ProgressBar> {
    let template = format!("{{msg}}  {{wide_bar}} {what} {{pos}}/{{len}}  {{elapsed}} elapsed, {{eta}} left");
    Ok(ProgressBar::new(length as u64).with_style(ProgressStyle::with_template(&template)?))
}
