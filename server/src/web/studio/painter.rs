//! Interface between the runner and the painter.

use diffusion::CancelToken;
use image::RgbImage;

/// Paints jobs; blocking.
pub trait Painter: Send + Sync {
    /// How many jobs to give it at once.
    fn at_once(&self) -> usize;

    /// Paints a JSON request and returns notes for the user. `image` is the PNG to inpaint, if any. `cancel`
    /// is checked after each step.
    fn paint(
        &self,
        request: &str,
        image: Option<&[u8]>,
        cancel: &CancelToken,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<String>, PaintError>;
}

/// Observes a job while it is painted.
pub trait Watcher {
    /// The initial noise (step 0) or another step is done.
    fn step(&mut self, step: &Step<'_>);

    /// A sample is done, as PNG; an error ends the painting.
    fn picture(&mut self, sample: u32, png: Vec<u8>) -> Result<(), PaintError>;
}

/// Progress of a job.
pub struct Step<'a> {
    /// Completed steps.
    pub step: u32,
    /// Total steps.
    pub steps: u32,
    /// Previews a sample.
    pub preview: &'a dyn Fn(u32) -> Option<RgbImage>,
}

/// Why painting stopped.
#[derive(Debug)]
pub enum PaintError {
    /// It was cancelled.
    Cancelled,
    /// The user can do something about it.
    Told(String),
    /// Only the host can do something about it.
    Inside(anyhow::Error),
}
