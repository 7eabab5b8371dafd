//! The cache shared by all Hugging Face libraries:
//!
//! ```text
//! models--owner--name/blobs/HASH                       the content, by the hub's name for it
//!                           HASH.incomplete            what a broken download left
//!                     snapshots/COMMIT/unet/config.json -> ../../../blobs/HASH
//!                     refs/main                        the commit of a branch or tag
//! .locks/models--owner--name/HASH.lock                 held while HASH is written
//! ```

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use crate::{HubConfig, HubError, ModelId};

/// One repository in the cache, at one revision.
pub(crate) struct RepoCache {
    repo: CacheRepo,
    locks: PathBuf,
    names_commit: bool,
    revision: String,
}

impl RepoCache {
    pub(crate) fn new(config: &HubConfig, id: &ModelId) -> Self {
        let repo = Repo::with_revision(id.repo().to_owned(), RepoType::Model, id.revision().to_owned());
        let cache = Cache::new(config.cache.clone());
        Self {
            locks: config.cache.join(".locks").join(repo.folder_name()),
            repo: cache.repo(repo),
            names_commit: id.is_commit(),
            revision: id.revision().to_owned(),
        }
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.repo.pointer_path(commit)
    }

    /// Returns the snapshot of the revision, complete or not.
    pub(crate) fn named_snapshot(&self) -> Option<PathBuf> {
        if self.names_commit {
            return Some(self.snapshot(&self.revision)).filter(|folder| folder.is_dir());
        }
        // Via any file: hf-hub keeps the path of the reference private.
        self.repo.get("model_index.json").and_then(|file| file.parent().map(Path::to_owned))
    }

    pub(crate) fn blob(&self, name: &str) -> PathBuf {
        self.repo.blob_path(name)
    }

    /// Links the file `path` of the snapshot to a blob.
    pub(crate) fn link(&self, commit: &str, path: &str, blob: &str) -> Result<(), HubError> {
        let link = self.snapshot(commit).join(path);
        let up = "../".repeat(path.split('/').count() + 1);
        let target = PathBuf::from(format!("{up}blobs/{blob}"));
        let make = || -> io::Result<()> {
            if fs::read_link(&link).is_ok_and(|found| found == target) {
                return Ok(());
            }
            fs::create_dir_all(link.parent().unwrap_or(&link))?;
            match fs::remove_file(&link) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            symbolic_link(&target, &link)
                .or_else(|_| fs::hard_link(self.blob(blob), &link))
                .or_else(|_| fs::copy(self.blob(blob), &link).map(drop))
        };
        make().map_err(HubError::cache(&link))
    }

    /// Points the revision's name at the commit.
    pub(crate) fn set_reference(&self, commit: &str) -> Result<(), HubError> {
        if self.names_commit {
            return Ok(());
        }
        self.repo.create_ref(commit).map_err(HubError::cache(&self.snapshot(commit)))
    }

    /// Waits until no other process writes the blob; dropping the file releases the lock. File systems
    /// without locks go without: the hash reveals concurrent writes.
    pub(crate) fn lock(&self, blob: &str, cancel: &AtomicBool) -> Result<File, HubError> {
        let path = self.locks.join(format!("{blob}.lock"));
        fs::create_dir_all(&self.locks).map_err(HubError::cache(&self.locks))?;
        let file = File::options().create(true).append(true).open(&path).map_err(HubError::cache(&path))?;
        while let Err(TryLockError::WouldBlock) = file.try_lock() {
            if cancel.load(Ordering::Relaxed) {
                return Err(HubError::Cancelled);
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(file)
    }
}

#[cfg(unix)]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}
