//! Evaluation of finished pictures.

use image::RgbImage;

use crate::error::{BenchmarkError, read};
use crate::score::{ObjectScore, grid, score};
use crate::{Evaluator, Job, Run, wanted};

/// A picture with its scores.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The item's number.
    pub id: u32,
    /// Number of objects in the item, known to the evaluator or not.
    pub named: usize,
    /// Scores of those that the evaluator knows.
    pub objects: Vec<ObjectScore>,
    /// Seconds that the picture took.
    pub seconds: f64,
}

/// Evaluates those of `jobs` that are painted, in order; without an evaluator there are only times. `watch`
/// gets the number done, and returns whether to go on.
///
/// # Errors
/// A picture or layout can no longer be read, or the evaluator fails.
pub fn judge(
    run: &Run,
    jobs: &[Job<'_>],
    mut evaluator: Option<&mut Evaluator>,
    watch: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<Judged>, BenchmarkError> {
    let mut judged = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        if !watch(at) {
            return Err(BenchmarkError::Interrupted { done: at, all: jobs.len() });
        }
        let Some(seconds) = run.seconds(job) else { continue };
        let objects = match &mut evaluator {
            Some(evaluator) => look(run, job, evaluator)?,
            None => Vec::new(),
        };
        let named = job.item.objects.as_ref().map_or(job.item.texts.len().saturating_sub(1), Vec::len);
        judged.push(Judged { id: job.item.id, named, objects, seconds });
    }
    Ok(judged)
}

fn look(run: &Run, job: &Job<'_>, evaluator: &mut Evaluator) -> Result<Vec<ObjectScore>, BenchmarkError> {
    let wanted = wanted(job.item, evaluator.classes());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let picture = picture(run, job)?;
    // Judge by every pixel, however the layout's colours were compared for painting.
    let layout = job.item.layout(layout::ColorMatch::default())?;
    let regions = grid(&layout).map_err(|error| BenchmarkError::file(&job.item.picture, error))?;
    let maps = evaluator.look(&picture).map_err(|problem| BenchmarkError::file(run.path(job), problem))?;
    Ok(score(&wanted, &regions, &maps))
}

/// Reads a finished picture.
pub(crate) fn picture(run: &Run, job: &Job<'_>) -> Result<RgbImage, BenchmarkError> {
    let path = run.path(job);
    let bytes = read(&path, 1 << 28)?;
    let picture = image::load_from_memory(&bytes);
    Ok(picture
        .map_err(|error| BenchmarkError::file(&path, format!("is damaged, remove it: {error}")))?
        .into_rgb8())
}
