//! The store: opened once, shared by all.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::path::Path;

use sqlx::SqlitePool;

use crate::job::{read, select_jobs};
use crate::pictures::Pictures;
use crate::{Job, Place, ShareToken, StoreError, folder};

/// How often a job may be claimed, so that one that crashes the server each time is not retried for ever.
pub const MAX_ATTEMPTS: u32 = 3;

/// All jobs of a data folder.
#[derive(Debug)]
pub struct Store {
    /// For reads.
    pub(crate) pool: SqlitePool,
    /// For writes.
    pub(crate) writer: SqlitePool,
    pub(crate) pictures: Pictures,
    _lock: File,
}

impl Store {
    /// Opens the store in `folder`, creating it if missing, with its pictures in `place`. Cleans up after a
    /// crash; jobs that were running wait for [`Self::requeue`].
    ///
    /// # Errors [`StoreError::InUse`], [`StoreError::Newer`], [`StoreError::Lacking`], or unusable files.
    pub async fn open(folder: &Path, place: &Place) -> Result<Self, StoreError> {
        let lock = folder::take(folder)?;
        let pictures = Pictures::open(place, folder.join("pictures"))?;
        // An empty file is a database that lists nothing, and what a copy leaves that failed.
        let is_there = |file: Metadata| file.len() > 0;
        if !fs::metadata(folder.join(folder::DATABASE)).is_ok_and(is_there) {
            let count = pictures.count().await?;
            if count > 0 {
                return Err(StoreError::Lacking { folder: folder.to_owned(), count });
            }
        }
        let (pool, writer) = folder::database(folder).await?;
        let kept = sqlx::query_scalar("SELECT name FROM pictures").fetch_all(&pool).await?;
        pictures.sweep(&HashSet::from_iter(kept)).await?;
        Ok(Self { pool, writer, pictures, _lock: lock })
    }

    /// Returns the job of a share link, once it is done.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn shared(&self, token: &ShareToken) -> Result<Option<Job>, StoreError> {
        let query = sqlx::query(select_jobs!("WHERE share = ? AND state = 'done'")).bind(token.as_str());
        Ok(query.try_map(read).fetch_optional(&self.pool).await?)
    }

    /// Returns the request of a job found by its owner or its link; `None` if deleted meanwhile.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn request(&self, job: &Job) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT request FROM jobs WHERE id = ?").bind(job.id.as_str());
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// Returns a picture of a job found by its owner or its link: the bytes that [`Self::picture_done`] was
    /// given; `None` if there is no such picture.
    ///
    /// # Errors
    /// The database or a file cannot be read.
    pub async fn picture(&self, job: &Job, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let query = "SELECT name FROM pictures JOIN jobs ON jobs.number = job \
                     WHERE jobs.id = ? AND pictures.number = ?";
        let mut missing = None;
        loop {
            let name = sqlx::query_scalar(query).bind(job.id.as_str()).bind(number);
            let Some(name): Option<String> = name.fetch_optional(&self.pool).await? else { return Ok(None) };
            match self.pictures.read(&name).await {
                // Deleted or replaced since? No lock prevents that, as a bucket may be slow.
                Err(StoreError::Pictures(object_store::Error::NotFound { .. }))
                    if missing.as_ref() != Some(&name) =>
                {
                    missing = Some(name);
                }
                read => return read.map(Some),
            }
        }
    }

    /// Removes the files with these names, except those that a row still references. One that cannot be
    /// removed stays until the store is next opened, which fails nothing.
    pub(crate) async fn remove_unused(&self, names: Vec<String>) {
        for name in names {
            if let Err(error) = self.remove_if_unused(&name).await {
                tracing::warn!(
                    "the picture {name} cannot be removed, and stays until the next start: {error}"
                );
            }
        }
    }

    async fn remove_if_unused(&self, name: &str) -> Result<(), StoreError> {
        // A row may reference it though the write seemed to fail; rows of older versions may share a file.
        let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pictures WHERE name = ?)").bind(name);
        if query.fetch_one(&self.pool).await? { Ok(()) } else { self.pictures.remove(name).await }
    }
}
