//! Resolves the `--model` argument to a path, without the network.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::RepoCache;
use crate::files::{self, Unsuitable};
use crate::{HubConfig, HubError, ModelId};

/// Returns the path of a model: `model` itself if it is a folder or a `.safetensors` file, else the cached
/// snapshot of the hub id `owner/name[@revision]`. Its files may be symbolic links to the cache's blobs.
///
/// # Errors
/// [`HubError::NotAModel`] for another file, [`HubError::NoFile`] for a missing one, [`HubError::BadModel`]
/// for neither a path nor an id, [`HubError::NotCached`] and [`HubError::Incomplete`] for an id to be pulled.
pub fn resolve_with(config: &HubConfig, model: &str) -> Result<PathBuf, HubError> {
    match local(model)? {
        Some(folder) => Ok(folder),
        None => cached(config, &ModelId::parse(model)?),
    }
}

/// Returns `model` as a folder or file, if it exists.
pub(crate) fn local(model: &str) -> Result<Option<PathBuf>, HubError> {
    let path = Path::new(model);
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(Some(path.to_owned())),
        Ok(_) if is_checkpoint(path) => Ok(Some(path.to_owned())),
        Ok(_) => Err(HubError::NotAModel { path: path.to_owned() }),
        Err(_) if is_checkpoint(path) => Err(HubError::NoFile { path: path.to_owned() }),
        Err(_) => Ok(None),
    }
}

fn is_checkpoint(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "safetensors")
}

/// Returns the complete snapshot of an id.
pub(crate) fn cached(config: &HubConfig, id: &ModelId) -> Result<PathBuf, HubError> {
    let snapshot = RepoCache::new(config, id)
        .named_snapshot()
        .ok_or_else(|| HubError::NotCached { id: id.to_string(), cache: config.cache.clone() })?;
    match files::select(&files::below(&snapshot)) {
        Ok(_) => Ok(snapshot),
        Err(Unsuitable::Lacks(missing)) => {
            Err(HubError::Incomplete { id: id.to_string(), cache: config.cache.clone(), missing })
        }
        Err(Unsuitable::Unsupported(why)) => Err(HubError::NotAPipeline { id: id.to_string(), why }),
    }
}
