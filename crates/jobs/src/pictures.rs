//! Pictures as objects, each written once under a unique name.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::{Bucket, Lease, StoreError};

/// Where pictures are stored.
#[derive(Clone, Debug, Default)]
pub enum Place {
    /// In the folder `pictures` beside the database.
    #[default]
    Folder,
    /// In a bucket; everything under its prefix belongs to one database alone.
    Bucket(Bucket),
}

/// All pictures.
#[derive(Debug)]
pub(crate) struct Pictures {
    objects: Arc<dyn ObjectStore>,
    prefix: Name,
    /// The folder, if they are files.
    folder: Option<PathBuf>,
}

impl Pictures {
    pub fn open(place: &Place, folder: PathBuf) -> Result<Self, StoreError> {
        match place {
            Place::Folder => {
                fs::create_dir_all(&folder).map_err(StoreError::file(&folder))?;
                // After a restore the folder may be another user's: said now, not when the first picture is painted.
                let trial = folder.join("trial");
                fs::write(&trial, [])
                    .and_then(|()| fs::remove_file(&trial))
                    .map_err(StoreError::file(&folder))?;
                let objects = LocalFileSystem::new_with_prefix(&folder).map_err(StoreError::Pictures)?;
                // On disk before the database references it.
                let objects = Arc::new(objects.with_fsync(true));
                Ok(Self { objects, prefix: Name::default(), folder: Some(folder) })
            }
            Place::Bucket(bucket) => {
                let objects = Arc::new(bucket.open().map_err(StoreError::Pictures)?);
                Ok(Self { objects, prefix: Name::from(bucket.prefix.as_str()), folder: None })
            }
        }
    }

    /// Writes a picture atomically.
    pub async fn write(&self, name: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.objects.put(&self.object(name), bytes.into()).await.map_err(StoreError::Pictures)?;
        Ok(())
    }

    /// Reads a picture.
    pub async fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let read = async { self.objects.get(&self.object(name)).await?.bytes().await };
        Ok(read.await.map_err(StoreError::Pictures)?.into())
    }

    /// Removes a picture, if it is there.
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.removed(&self.object(name)).await
    }

    /// Counts the pictures.
    pub async fn count(&self) -> Result<usize, StoreError> {
        if let Some(folder) = &self.folder {
            let entries = fs::read_dir(folder).map_err(StoreError::file(folder))?.flatten();
            return Ok(entries
                .filter(|entry| entry.file_name().to_str().and_then(name_of).is_some())
                .count());
        }
        let objects = self.objects.list(Some(&self.prefix)).map_err(StoreError::Pictures);
        let is_ours = |count, object: ObjectMeta| async move {
            Ok(count + usize::from(object.location.filename().and_then(name_of).is_some()))
        };
        objects.try_fold(0, is_ours).await
    }

    /// Removes all pictures but those in `kept`, and partially written files.
    pub async fn sweep(&self, kept: &HashSet<String>) -> Result<(), StoreError> {
        if let Some(folder) = &self.folder {
            return sweep_files(folder, kept);
        }
        let mut objects = self.objects.list(Some(&self.prefix));
        while let Some(object) = objects.try_next().await.map_err(StoreError::Pictures)? {
            // Leave objects alone that are not named as pictures are.
            let name = object.location.filename().and_then(name_of);
            if name.is_some_and(|name| !kept.contains(name)) {
                self.removed(&object.location).await?;
            }
        }
        Ok(())
    }

    async fn removed(&self, object: &Name) -> Result<(), StoreError> {
        match self.objects.delete(object).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::Pictures(error)),
        }
    }

    fn object(&self, name: &str) -> Name {
        self.prefix.clone().join(format!("{name}.png"))
    }
}

/// Names picture `number` of a job; its claim makes the name unique across attempts.
pub(crate) fn name(lease: &Lease, number: u32) -> String {
    format!("{}-{number}-{}", lease.job.as_str(), lease.claim.as_str())
}

/// Parses the file name of a picture, as [`name`] makes it or a SHA-256 as older versions wrote.
fn name_of(file: &str) -> Option<&str> {
    let is_ours = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    file.strip_suffix(".png").filter(|name| name.len() >= 64 && name.bytes().all(is_ours))
}

/// Sweeps partially written files too, which an object store does not list.
fn sweep_files(folder: &Path, kept: &HashSet<String>) -> Result<(), StoreError> {
    let mut removed = 0;
    for entry in fs::read_dir(folder).map_err(StoreError::file(folder))? {
        let entry = entry.map_err(StoreError::file(folder))?;
        let path = entry.path();
        // Not ours: `lost+found`, if a separate disk is mounted here.
        if entry.file_type().map_err(StoreError::file(&path))?.is_dir() {
            continue;
        }
        // A partially written picture has `#` and a number after its name.
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (name, is_half) = name.split_once('#').map_or((name, false), |(name, _)| (name, true));
        // Leave files alone that are not named as pictures are.
        if name_of(name).is_some_and(|name| is_half || !kept.contains(name)) {
            fs::remove_file(&path).map_err(StoreError::file(&path))?;
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::warn!("{removed} files in {} belong to no generation: removed", folder.display());
    }
    Ok(())
}
