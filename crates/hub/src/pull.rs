//! Fetches a hub id as a complete snapshot in the cache.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cache::RepoCache;
use crate::download::Download;
use crate::files::{self, Unsuitable};
use crate::remote::{Content, Remote};
use crate::{FileSize, HubConfig, HubError, ModelId, Progress, resolve};

/// Fetches the files of a Stable Diffusion pipeline that are not cached yet, and returns the snapshot's
/// folder (which [`resolve_with`](crate::resolve_with) then finds): `model_index.json`, the configurations,
/// the tokenizer's files and the weights as safetensors, in f16 if available. `id` is
/// `owner/name[@revision]`.
///
/// It may be interrupted at any time and called again; two processes may fetch the same model at once.
/// `cancel` is checked between network reads; on a silent connection that can take half a minute.
///
/// # Errors
/// Any [`HubError`] except those of `resolve` alone. What was fetched until then stays.
pub fn pull_with(
    config: &HubConfig,
    id: &str,
    progress: &mut dyn Progress,
    cancel: &AtomicBool,
) -> Result<PathBuf, HubError> {
    let id = ModelId::parse(id)?;
    if config.offline {
        return resolve::cached(config, &id)
            .map_err(|_| HubError::Offline { id: id.to_string(), cache: config.cache.clone() });
    }

    let remote = Remote::new(config, &id)?;
    let cache = RepoCache::new(config, &id);
    let listing = remote.listing()?;
    let selected = files::select(&listing.files.keys().cloned().collect()).map_err(|unsuitable| {
        let (Unsuitable::Lacks(why) | Unsuitable::Unsupported(why)) = unsuitable;
        HubError::NotAPipeline { id: id.to_string(), why }
    })?;

    let mut contents: Vec<(String, Content)> = Vec::with_capacity(selected.len());
    for path in selected {
        if cancel.load(Ordering::Relaxed) {
            return Err(HubError::Cancelled);
        }
        let content = match listing.files.get(&path).cloned().flatten() {
            Some(content) => content,
            None => remote.content(&listing.commit, &path)?,
        };
        contents.push((path, content));
    }
    let sizes: Vec<_> =
        contents.iter().map(|(path, content)| FileSize { path: path.clone(), size: content.size }).collect();
    progress.start(&sizes);

    for (path, content) in &contents {
        let download =
            Download { remote: &remote, cache: &cache, commit: &listing.commit, path, content, cancel };
        download.run(progress)?;
        cache.link(&listing.commit, path, &content.blob)?;
    }
    cache.set_reference(&listing.commit)?;
    Ok(cache.snapshot(&listing.commit))
}
