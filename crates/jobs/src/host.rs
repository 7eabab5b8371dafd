//! What the host does with everybody's jobs.

use crate::{JobId, Store, StoreError};

/// How long what is over is kept; by default for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Jobs that ended before this time, in milliseconds since 1970, are deleted.
    pub since: Option<i64>,
    /// Bytes of all pictures and requests: what ended first is deleted until the others have room.
    pub bytes: Option<u64>,
}

/// How many jobs there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that wait.
    pub waiting: u64,
    /// Clients who have any that wait.
    pub clients: u64,
    /// Milliseconds since 1970 when the oldest of those that wait was submitted.
    pub oldest: Option<i64>,
    /// Bytes of all pictures.
    pub bytes: u64,
}

/// Jobs that are deleted in one go, so that others get their turn in between.
const AT_ONCE: u32 = 100;

impl Store {
    /// Deletes jobs that are over as `keep` says, at most some at once, and says how many those were: nothing is left
    /// to delete when there were none.
    ///
    /// # Errors
    /// A database that cannot be written. A file that cannot be removed stays until a store is opened the next time.
    pub async fn tidy(&self, keep: Keep) -> Result<usize, StoreError> {
        if keep == Keep::default() {
            return Ok(0);
        }
        // A picture that several jobs have counts for each of them.
        let query = "SELECT id FROM (SELECT id, ended, sum(octet_length(request) + \
                         (SELECT coalesce(sum(bytes), 0) FROM pictures WHERE job = jobs.number)) OVER (ORDER BY ended DESC, number DESC) AS bytes \
                         FROM jobs WHERE ended IS NOT NULL) \
                     WHERE ended < coalesce(?, 0) OR bytes > coalesce(?, bytes) ORDER BY ended LIMIT ?";
        let most = keep.bytes.map(u64::cast_signed);
        let query = sqlx::query_scalar(query).bind(keep.since).bind(most).bind(AT_ONCE);
        let ids: Vec<String> = query.fetch_all(&self.pool).await?;
        for id in ids.iter().filter_map(|id| JobId::parse(id)) {
            let _files = self.files.write().await;
            self.remove(&id).await?;
        }
        Ok(ids.len())
    }

    /// Cancels whosoever job unless it has come to its end already; false if it had.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub async fn give_up(&self, id: &JobId) -> Result<bool, StoreError> {
        let query = "UPDATE jobs SET state = 'cancelled' WHERE id = ? AND state IN ('waiting', 'running')";
        Ok(sqlx::query(query).bind(id.as_str()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// The jobs that wait or run.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn open_ids(&self) -> Result<Vec<JobId>, StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM jobs WHERE state IN ('waiting', 'running')");
        let ids: Vec<String> = query.fetch_all(&self.pool).await?;
        Ok(ids.iter().filter_map(|id| JobId::parse(id)).collect())
    }

    /// Looks whether the database answers; however much there is, that takes no time.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn answers(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM jobs LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(())
    }

    /// How much there is of everything.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let query = "SELECT count(*), count(DISTINCT owner), min(created), \
                     (SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT sha256, bytes FROM pictures)) \
                     FROM jobs WHERE state = 'waiting'";
        let (waiting, clients, oldest, bytes): (i64, i64, Option<i64>, i64) =
            sqlx::query_as(query).fetch_one(&self.pool).await?;
        let number = i64::cast_unsigned;
        Ok(Counts { waiting: number(waiting), clients: number(clients), oldest, bytes: number(bytes) })
    }

    /// What is not as it must be: of the database, and of the files that it refers to.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        let found = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&self.pool).await?;
        let mut found: Vec<String> = found.into_iter().filter(|line: &String| line != "ok").collect();
        let lost = sqlx::query("PRAGMA foreign_key_check").fetch_all(&self.pool).await?;
        found.extend((!lost.is_empty()).then(|| format!("{} rows refer to none", lost.len())));
        let pictures: Vec<(String, i64)> =
            sqlx::query_as("SELECT DISTINCT sha256, bytes FROM pictures").fetch_all(&self.pool).await?;
        for (name, bytes) in pictures {
            let _files = self.files.read().await;
            match self.pictures.read(&name).await {
                Ok(png) if bytes == 0 || png.len() as i64 == bytes => {}
                Ok(png) => found.push(format!("a picture has {} bytes of {bytes}", png.len())),
                Err(error) => found.push(error.to_string()),
            }
        }
        Ok(found)
    }

    /// Deletes a job with its pictures; the caller holds `files`.
    pub(crate) async fn remove(&self, id: &JobId) -> Result<bool, StoreError> {
        let pictures = "SELECT sha256 FROM pictures JOIN jobs ON jobs.number = job WHERE jobs.id = ?";
        let pictures = sqlx::query_scalar(pictures).bind(id.as_str()).fetch_all(&self.pool).await?;
        let query = sqlx::query("DELETE FROM jobs WHERE id = ?").bind(id.as_str());
        let deleted = query.execute(&self.writer).await?.rows_affected() > 0;
        self.remove_unused(pictures).await?;
        Ok(deleted)
    }
}
