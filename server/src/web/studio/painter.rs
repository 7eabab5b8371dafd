//! What the runner asks of whoever paints.

use diffusion::CancelToken;
use image::RgbImage;

/// Paints a job, and blocks while it does.
pub trait Painter: Send + Sync {
    /// Jobs that it should be given at once.
    fn at_once(&self) -> usize;

    /// Paints a request, given as JSON, and returns what the user should know. `image` is the picture (PNG) that it paints
    /// on, if it does. `cancel` is looked at after each step.
    fn paint(
        &self,
        request: &str,
        image: Option<&[u8]>,
        cancel: &CancelToken,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<String>, PaintError>;
}

/// Who looks on while a job is painted.
pub trait Watcher {
    /// The noise (step 0) or another step is done.
    fn step(&mut self, step: &Step<'_>);

    /// A sample is done, as PNG; an error ends the painting.
    fn picture(&mut self, sample: u32, png: Vec<u8>) -> Result<(), PaintError>;
}

/// A point of the way.
pub struct Step<'a> {
    /// Steps that are done.
    pub step: u32,
    /// Steps in all.
    pub steps: u32,
    /// How a sample looks so far.
    pub preview: &'a dyn Fn(u32) -> Option<RgbImage>,
}

/// Why nothing was painted.
#[derive(Debug)]
pub enum PaintError {
    /// It was cancelled.
    Cancelled,
    /// For a reason that the user can do something about.
    Told(String),
    /// For one that only the host can do something about.
    Inside(anyhow::Error),
}
