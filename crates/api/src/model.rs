//! What the server paints with.

use request::Defaults;
use serde::{Deserialize, Serialize};

/// The model that is loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What a request means where it says nothing.
    pub defaults: Defaults,
    /// Tokens of a text that count.
    pub tokens: u32,
    /// Sides of pictures are multiples of this many pixels.
    pub multiple: u32,
    /// What this server allows.
    pub limits: Limits,
}

/// The largest values that this server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Longest side of a picture in pixels.
    pub side: u32,
    /// Steps.
    pub steps: u32,
    /// Pictures of one job.
    pub samples: u32,
    /// Jobs of one client that wait or run.
    pub jobs: u32,
    /// Work of one job: its steps times the pixels of all its pictures.
    pub work: u64,
}

impl Default for Limits {
    /// Those of a server whose host says nothing: Stable Diffusion XL was trained at sides of up to 1536 pixels, mostly oblong.
    fn default() -> Self {
        Self { side: 1536, steps: 150, samples: 4, jobs: 10, work: 1_000_000_000 }
    }
}
