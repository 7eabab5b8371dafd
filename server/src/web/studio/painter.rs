//! What the runner asks of whoever paints.

use diffusion::CancelToken;
use image::RgbImage;

/// Paints one job at a time; blocks while it does.
pub trait Painter: Send + Sync {
    /// Paints a request, given as JSON. `watch` sees the noise (step 0) and every step; `cancel` is looked at after
    /// each of them.
    fn paint(
        &self,
        request: &str,
        cancel: &CancelToken,
        watch: &mut dyn FnMut(&Step<'_>),
    ) -> Result<Painted, PaintError>;
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

/// What was painted.
#[derive(Debug, Default)]
pub struct Painted {
    /// The pictures as PNG.
    pub pictures: Vec<Vec<u8>>,
    /// What the user should know.
    pub notes: Vec<String>,
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
