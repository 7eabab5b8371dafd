//! What the host does with everyone's jobs.

use crate::{JobId, Store, StoreError};

/// How long jobs are kept after they end; by default for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Jobs that ended before this time, in milliseconds since 1970, are deleted.
    pub since: Option<i64>,
    /// Limit on the bytes of all pictures and requests: what ended first is deleted until the rest fits.
    pub bytes: Option<u64>,
}

/// How many jobs there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting jobs.
    pub waiting: u64,
    /// Clients with waiting jobs.
    pub clients: u64,
    /// When the oldest waiting job was submitted, in milliseconds since 1970.
    pub oldest: Option<i64>,
    /// Bytes of all pictures.
    pub bytes: u64,
}

/// Jobs deleted per call, so that its caller can do other things in between.
const AT_ONCE: u32 = 100;

impl Store {
    /// Deletes a batch of ended jobs that are due for deletion, and returns how many: 0 means none is left.
    ///
    /// # Errors
    /// The database cannot be written. A file that cannot be removed stays until the store is next opened.
    pub async fn tidy(&self, retention: Retention) -> Result<usize, StoreError> {
        if retention == Retention::default() {
            return Ok(0);
        }
        let query = "SELECT id FROM (SELECT id, ended, sum(octet_length(request) + \
                         (SELECT coalesce(sum(bytes), 0) FROM pictures WHERE job = jobs.number)) OVER (ORDER BY ended DESC, number DESC) AS bytes \
                         FROM jobs WHERE ended IS NOT NULL) \
                     WHERE ended < coalesce(?, 0) OR bytes > coalesce(?, bytes) ORDER BY ended LIMIT ?";
        let most = retention.bytes.map(u64::cast_signed);
        let query = sqlx::query_scalar(query).bind(retention.since).bind(most).bind(AT_ONCE);
        let ids: Vec<String> = query.fetch_all(&self.pool).await?;
        for id in ids.iter().filter_map(|id| JobId::parse(id)) {
            self.remove(&id).await?;
        }
        Ok(ids.len())
    }

    /// Returns the jobs that wait or run.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn open_ids(&self) -> Result<Vec<JobId>, StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM jobs WHERE state IN ('waiting', 'running')");
        let ids: Vec<String> = query.fetch_all(&self.pool).await?;
        Ok(ids.iter().filter_map(|id| JobId::parse(id)).collect())
    }

    /// Checks that the database responds, in a time that does not depend on its size.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn answers(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM jobs LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(())
    }

    /// Counts waiting jobs, their clients and the bytes of pictures.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let query = "SELECT count(*), count(DISTINCT owner), min(created), \
                     (SELECT coalesce(sum(bytes), 0) FROM pictures) FROM jobs WHERE state = 'waiting'";
        let (waiting, clients, oldest, bytes): (i64, i64, Option<i64>, i64) =
            sqlx::query_as(query).fetch_one(&self.pool).await?;
        let number = i64::cast_unsigned;
        Ok(Counts { waiting: number(waiting), clients: number(clients), oldest, bytes: number(bytes) })
    }

    /// Deletes a job with its pictures; false if there is none.
    pub(crate) async fn remove(&self, id: &JobId) -> Result<bool, StoreError> {
        // This is the only write connection: while it is held, no picture is added between the two
        // statements.
        let mut writer = self.writer.acquire().await?;
        let pictures = "SELECT name FROM pictures JOIN jobs ON jobs.number = job WHERE jobs.id = ?";
        let pictures = sqlx::query_scalar(pictures).bind(id.as_str()).fetch_all(&mut *writer).await?;
        let query = sqlx::query("DELETE FROM jobs WHERE id = ?").bind(id.as_str());
        let deleted = query.execute(&mut *writer).await?.rows_affected() > 0;
        drop(writer);
        self.remove_unused(pictures).await;
        Ok(deleted)
    }
}
