//! The wire type of a generation, and its parsing into validated types.
//!
//! [`GenerationRequest`] is what a request file, the HTTP API and the metadata of a written picture hold.
//! [`GenerationRequest::parse`] fills in a model's [`Defaults`] and checks everything at once; the pipeline
//! can rely on every field of a [`Generation`], except the pixels of a layout that is still a picture.

mod defaults;
mod generation;
pub mod limits;
mod occurrence;
mod parameters;
mod parse;
mod problem;
mod scheduler;
mod size;
mod wire;

pub use defaults::Defaults;
pub use generation::{Generation, Inpaint, LayoutSource, Region, Sampling, Seed};
pub use occurrence::OccurrenceRequest;
pub use parameters::{a1111_parameters, a1111_text, another_model};
pub use parse::{SEPARATOR, joined, own_places};
pub use problem::{Problem, RequestError};
pub use scheduler::Scheduler;
pub use size::Size;
pub use wire::{GenerationRequest, InpaintRequest, LayoutRequest, RegionRequest, TimestepSpacing};

/// The longest text in characters.
pub const MAX_TEXT: usize = 10_000;

/// Whether a text has more than [`MAX_TEXT`] characters.
pub fn is_too_long(text: &str) -> bool {
    // The number of bytes is an upper bound, so that short texts need no count.
    text.len() > MAX_TEXT && text.chars().nth(MAX_TEXT).is_some()
}

/// The largest seed: 2^53, up to which every JSON reader keeps whole numbers exactly.
pub const MAX_SEED: u64 = 1 << 53;
