//! Pictures as files that are named by their content.

use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::StoreError;

/// The folder of pictures.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    folder: PathBuf,
}

impl Pictures {
    pub fn open(folder: PathBuf) -> Result<Self, StoreError> {
        fs::create_dir_all(&folder).map_err(StoreError::file(&folder))?;
        Ok(Self { folder })
    }

    /// Writes a picture, whole or not at all, and returns its name.
    pub fn write(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let name = hex_digest(bytes);
        let path = self.path(&name);
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(bytes)?;
            // Before the database says that it is there.
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(StoreError::file(&path))?;
        Ok(name)
    }

    /// Reads a picture.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(name);
        fs::read(&path).map_err(StoreError::file(&path))
    }

    /// Removes a picture, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        remove(&self.path(name))
    }

    /// Removes every file but the pictures in `kept`.
    pub fn sweep(&self, kept: &HashSet<String>) -> Result<(), StoreError> {
        for entry in fs::read_dir(&self.folder).map_err(StoreError::file(&self.folder))? {
            let path = entry.map_err(StoreError::file(&self.folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".png"));
            if name.is_none_or(|name| !kept.contains(name)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The error of work on the pictures that did not come to its end.
    pub fn failed(&self, why: tokio::task::JoinError) -> StoreError {
        StoreError::file(&self.folder)(std::io::Error::other(why))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.png"))
    }
}

/// The SHA-256 in lower-case hexadecimal.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::file(path)(error)),
        _ => Ok(()),
    }
}
