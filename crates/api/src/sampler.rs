//! How noise becomes a picture.

use request::Scheduler;
use serde::{Deserialize, Serialize};

/// A sampler that a request may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sampler {
    /// What a request calls it, as its `scheduler`.
    pub name: Scheduler,
    /// What people call it.
    pub title: String,
    /// Can its sigmas be Karras's?
    pub karras: bool,
    /// Does `eta` change anything?
    pub eta: bool,
}
