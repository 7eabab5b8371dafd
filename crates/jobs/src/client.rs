//! What a client may do with its own jobs; those of others are for it as if they were not there.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::job::{read, select_jobs};
use crate::{Job, JobId, JobPage, NewJob, Owner, ShareToken, Store, StoreError};

impl Store {
    /// Takes a job in, at the end of the queue; `None` if `most` jobs of the owner wait or run already.
    ///
    /// # Errors
    /// A database that cannot be written; then the job is not in it.
    pub async fn submit(&self, owner: &Owner, new: &NewJob, most: u32) -> Result<Option<Job>, StoreError> {
        let id = JobId::random();
        let query = "INSERT INTO jobs (id, owner, share, created, prompt, seed, width, height, samples, steps, request) \
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE ?12 > \
                     (SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running') AND owner = ?2)";
        let query = sqlx::query(query)
            .bind(id.as_str())
            .bind(owner.as_str())
            .bind(ShareToken::random().as_str().to_owned())
            .bind(now())
            .bind(&new.prompt)
            .bind(new.seed.cast_signed())
            .bind(new.width)
            .bind(new.height)
            .bind(new.samples)
            .bind(new.steps)
            .bind(&new.request)
            .bind(most);
        match query.execute(&self.pool).await?.rows_affected() {
            0 => Ok(None),
            _ => self.find(owner, &id).await,
        }
    }

    /// A job of the owner.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn find(&self, owner: &Owner, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query =
            sqlx::query(select_jobs!("WHERE id = ? AND owner = ?")).bind(id.as_str()).bind(owner.as_str());
        Ok(query.try_map(read).fetch_optional(&self.pool).await?)
    }

    /// At most `limit` of the owner's jobs, newest first: the newest of all, or those older than `before`; `None` if
    /// the owner has no job `before`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn page(
        &self,
        owner: &Owner,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Option<JobPage>, StoreError> {
        let end = match before {
            None => i64::MAX,
            Some(id) => {
                let query = sqlx::query_scalar("SELECT number FROM jobs WHERE id = ? AND owner = ?");
                let query = query.bind(id.as_str()).bind(owner.as_str());
                let Some(number) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
                number
            }
        };
        let query = sqlx::query(select_jobs!(
            "WHERE owner = ? AND jobs.number < ? ORDER BY jobs.number DESC LIMIT ?"
        ));
        // One more than wanted tells whether there are more.
        let query = query.bind(owner.as_str()).bind(end).bind(i64::from(limit) + 1);
        let mut jobs = query.try_map(read).fetch_all(&self.pool).await?;
        let more = jobs.len() > limit as usize;
        jobs.truncate(limit as usize);
        Ok(Some(JobPage { jobs, more }))
    }

    /// Cancels a job of the owner unless it has come to its end already, and returns it as it is now.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub async fn cancel(&self, owner: &Owner, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query = "UPDATE jobs SET state = 'cancelled' \
                     WHERE id = ? AND owner = ? AND state IN ('waiting', 'running')";
        sqlx::query(query).bind(id.as_str()).bind(owner.as_str()).execute(&self.pool).await?;
        self.find(owner, id).await
    }

    /// Deletes a job of the owner, in whatever state, with its pictures; false if there was none.
    ///
    /// # Errors
    /// A database that cannot be written. A file that cannot be removed stays until a store is opened the next time.
    pub async fn delete(&self, owner: &Owner, id: &JobId) -> Result<bool, StoreError> {
        let _files = self.files.write().await;
        let pictures =
            "SELECT sha256 FROM pictures JOIN jobs ON jobs.number = job WHERE jobs.id = ? AND owner = ?";
        let pictures = sqlx::query_scalar(pictures).bind(id.as_str()).bind(owner.as_str());
        let pictures = pictures.fetch_all(&self.pool).await?;
        let query = sqlx::query("DELETE FROM jobs WHERE id = ? AND owner = ?");
        let deleted =
            query.bind(id.as_str()).bind(owner.as_str()).execute(&self.pool).await?.rows_affected() > 0;
        self.remove_unused(pictures).await?;
        Ok(deleted)
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}
