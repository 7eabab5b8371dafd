//! What can go wrong with a store.

use std::path::{Path, PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder.
    #[error("the data folder {} is in use by another server: stop that one, or name another folder", .0.display())]
    InUse(PathBuf),
    /// A later version of the program wrote the database.
    #[error("the data folder {} was written by a newer version of this program: use that one, or another folder", .0.display())]
    Newer(PathBuf),
    /// The folder or a file in it cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be made.
    #[error("database: {0}")]
    Migrate(sqlx::migrate::MigrateError),
}

impl StoreError {
    /// For `map_err`, where a file failed.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
