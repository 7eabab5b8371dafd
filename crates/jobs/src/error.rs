//! What can go wrong with a store.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the folder.
    #[error("the data folder {} is in use by another server: stop that one, or name another folder", .0.display())]
    InUse(PathBuf),
    /// A later version of the program wrote the database.
    #[error("the data folder {} was written by a newer version of this program: use that one, or another folder", .0.display())]
    Newer(PathBuf),
    /// Pictures without a database that references them: all would be removed.
    #[error(
        "the data folder {} has no jobs.sqlite, or an empty one, but there are {count} pictures of one: put it back from a backup, or \
         move the pictures away to begin anew", folder.display()
    )]
    Lacking {
        /// The folder.
        folder: PathBuf,
        /// Number of pictures.
        count: usize,
    },
    /// The folder or a file in it cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A picture cannot be written, read or removed.
    #[error("pictures: {0}")]
    Pictures(#[source] object_store::Error),
    /// The database refused.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be made.
    #[error("database: {0}")]
    Migrate(sqlx::migrate::MigrateError),
}

/// A transient failure, or one the host can fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another connection held the database past the timeout.
    Locked,
    /// The disk is full.
    Full,
    /// The picture storage does not respond, or is unavailable.
    Away,
}

/// SQLite's primary result codes.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const FULL: i32 = 13;

/// The name that object_store gives to buckets.
const S3: &str = "S3";

impl StoreError {
    /// Classifies a failure that may pass.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::File { source, .. } if is_full(source) => Some(Trouble::Full),
            Self::Pictures(error) if causes(error).any(is_full) => Some(Trouble::Full),
            Self::Pictures(object_store::Error::Generic { store: S3, .. }) => Some(Trouble::Away),
            Self::Database(sqlx::Error::PoolTimedOut) => Some(Trouble::Locked),
            Self::Database(sqlx::Error::Database(error)) => match error.code()?.parse::<i32>().ok()? & 0xff {
                BUSY | LOCKED => Some(Trouble::Locked),
                FULL => Some(Trouble::Full),
                _ => None,
            },
            _ => None,
        }
    }

    /// For `map_err` on file operations.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// An error and its chain of causes.
fn causes(error: &object_store::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| (*error).source())
}

/// Did the system run out of space?
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

    use super::*;

    #[tokio::test]
    async fn a_database_that_is_locked_and_a_disk_that_is_full_are_told_from_other_errors() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("it.sqlite"))
            .create_if_missing(true)
            .busy_timeout(Duration::ZERO)
            // Simulates a disk with this many pages.
            .pragma("max_page_count", "4");
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let trouble = |error: sqlx::Error| StoreError::from(error).trouble();
        sqlx::query("CREATE TABLE it (it BLOB)").execute(&pool).await.unwrap();
        let big = sqlx::query("INSERT INTO it VALUES (zeroblob(100000))");
        assert_eq!(big.execute(&pool).await.map_err(trouble).unwrap_err(), Some(Trouble::Full));
        let wrong = sqlx::query("SELECT nothing").execute(&pool).await.map_err(trouble);
        assert_eq!(wrong.unwrap_err(), None);
        let mut holder = pool.acquire().await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut *holder).await.unwrap();
        let late = sqlx::query("INSERT INTO it VALUES (1)").execute(&pool).await.map_err(trouble);
        assert_eq!(late.unwrap_err(), Some(Trouble::Locked));
    }
}
