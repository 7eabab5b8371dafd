//! Checkpoints by hub id: selecting the files that are needed and fetching them into the shared cache.
//!
//! The steps of `pull`:
//!
//! 1. `model_id` parses `owner/name[@revision]`;
//! 2. `remote` queries the hub for the commit, the files, their sizes and hashes;
//! 3. `files` selects what a Stable Diffusion pipeline needs, the f16 weights before the plain ones;
//! 4. `download` fetches each file, resuming an earlier run, and verifies its hash;
//! 5. `cache` links them into a snapshot, in the layout that all Hugging Face libraries share;
//!    the revision's name is set last, so that a name never points to a half-fetched snapshot.
//!
//! `resolve` needs no network: a folder is itself, an id is looked up in the cache.
//!
//! The crate `hf-hub` provides the cache's layout, the hub's URLs and the listing request. Its own download
//! is not used: it can be neither cancelled nor verified, and names the revision after the first file.

mod cache;
mod config;
mod digest;
mod download;
mod error;
mod files;
mod model_id;
mod progress;
mod pull;
mod refusal;
mod remote;
mod resolve;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

pub use config::HubConfig;
pub use error::HubError;
use model_id::ModelId;
pub use progress::{FileSize, Progress};
pub use pull::pull_with;
pub use resolve::resolve_with;

/// Returns the path of a model, configured by the environment: see [`resolve_with`].
///
/// # Errors
/// As [`resolve_with`] and [`HubConfig::from_env`].
pub fn resolve(model: &str) -> Result<PathBuf, HubError> {
    // A folder needs no cache, and must be found even without one.
    match resolve::local(model)? {
        Some(folder) => Ok(folder),
        None => resolve_with(&HubConfig::from_env()?, model),
    }
}

/// Fetches a model into the shared cache, configured by the environment: see [`pull_with`].
///
/// # Errors
/// As [`pull_with`] and [`HubConfig::from_env`].
pub fn pull(id: &str, progress: &mut dyn Progress, cancel: &AtomicBool) -> Result<PathBuf, HubError> {
    pull_with(&HubConfig::from_env()?, id, progress, cancel)
}
