//! What is done with jobs by whoever paints them.

use crate::job::{columns, read, select_jobs};
use crate::{Claimed, Job, JobId, MAX_ATTEMPTS, Status, Store, StoreError};

impl Store {
    /// Takes the job whose turn it is and makes it `running`.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub async fn claim(&self) -> Result<Option<Claimed>, StoreError> {
        let query = "UPDATE jobs SET state = 'running', attempts = attempts + 1 \
                     WHERE number = (SELECT number FROM jobs WHERE state = 'waiting' ORDER BY turn, number LIMIT 1) \
                     RETURNING id, request";
        let claimed: Option<(String, String)> = sqlx::query_as(query).fetch_optional(&self.pool).await?;
        let Some((id, request)) = claimed else { return Ok(None) };
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id);
        let job = query.try_map(read).fetch_optional(&self.pool).await?;
        // Cancelled or deleted in this moment: as if it had not been claimed.
        Ok(job.filter(|job| job.status == Status::Running).map(|job| Claimed { job, request }))
    }

    /// A job in whatever state; `None` if it was deleted.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id.as_str());
        Ok(query.try_map(read).fetch_optional(&self.pool).await?)
    }

    /// All jobs that wait, in the order in which they will be claimed; one look at the queue tells each its place.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub async fn line(&self) -> Result<Vec<Job>, StoreError> {
        let query = concat!(
            "SELECT ",
            columns!(),
            ", (SELECT count(*) FROM jobs AS other WHERE other.state = 'running') + row_number() OVER line - 1 \
             AS ahead, sum(work) OVER line - work AS before \
             FROM jobs WHERE state = 'waiting' \
             WINDOW line AS (ORDER BY turn, jobs.number ROWS UNBOUNDED PRECEDING) ORDER BY ahead"
        );
        Ok(sqlx::query(query).try_map(read).fetch_all(&self.pool).await?)
    }

    /// Keeps picture `number` of a running job, in the place of one that an earlier attempt left there; `None` if the
    /// job does not run any more.
    ///
    /// # Errors
    /// A database or a file that cannot be written; then the picture is not kept.
    pub async fn picture_done(
        &self,
        id: &JobId,
        number: u32,
        png: Vec<u8>,
    ) -> Result<Option<Job>, StoreError> {
        let _files = self.files.write().await;
        let bytes = png.len() as i64;
        let name = self.on_disk(move |pictures| pictures.write(&png)).await?;
        let replaced = "SELECT sha256 FROM pictures JOIN jobs ON jobs.number = job \
                        WHERE jobs.id = ? AND pictures.number = ?";
        let replaced = sqlx::query_scalar(replaced).bind(id.as_str()).bind(number);
        let replaced: Option<String> = replaced.fetch_optional(&self.pool).await?;
        let query = "INSERT INTO pictures (job, number, sha256, bytes) \
                     SELECT jobs.number, ?, ?, ? FROM jobs WHERE id = ? AND state = 'running' \
                     ON CONFLICT (job, number) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes";
        let query = sqlx::query(query).bind(number).bind(&name).bind(bytes).bind(id.as_str());
        let kept = query.execute(&self.pool).await?.rows_affected() > 0;
        self.remove_unused(replaced.into_iter().chain([name]).collect()).await?;
        if kept { self.job(id).await } else { Ok(None) }
    }

    /// Ends a running job well; `None` if it does not run any more.
    ///
    /// # Errors
    /// A database that cannot be written; then the job still runs.
    pub async fn finish(&self, id: &JobId, notes: &[String]) -> Result<Option<Job>, StoreError> {
        let query = "UPDATE jobs SET state = 'done', notes = ? WHERE id = ? AND state = 'running'";
        self.end(id, sqlx::query(query).bind(serde_json::Value::from(notes).to_string())).await
    }

    /// Ends a running job with the reason why it cannot be done, for its user; `None` if it does not run any more.
    ///
    /// # Errors
    /// A database that cannot be written; then the job still runs.
    pub async fn fail(&self, id: &JobId, reason: &str) -> Result<Option<Job>, StoreError> {
        let query = "UPDATE jobs SET state = 'failed', reason = ? WHERE id = ? AND state = 'running'";
        self.end(id, sqlx::query(query).bind(reason.to_owned())).await
    }

    /// Gives a running job back, as if it had never been claimed.
    ///
    /// # Errors
    /// A database that cannot be written; then the job still runs.
    pub async fn release(&self, id: &JobId) -> Result<(), StoreError> {
        let query =
            "UPDATE jobs SET state = 'waiting', attempts = attempts - 1 WHERE id = ? AND state = 'running'";
        sqlx::query(query).bind(id.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Lets every running job wait again, at its old place; called when nothing can be running, because the server has
    /// just started or could not write how a job ended. What was claimed [`MAX_ATTEMPTS`] times fails.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let reason = format!(
            "The server began this {MAX_ATTEMPTS} times and was stopped each time. Try fewer steps or a smaller size."
        );
        let query = "UPDATE jobs SET state = iif(attempts < ?1, 'waiting', 'failed'), \
                     reason = iif(attempts < ?1, '', ?2) WHERE state = 'running'";
        sqlx::query(query).bind(MAX_ATTEMPTS).bind(reason).execute(&self.pool).await?;
        Ok(())
    }

    async fn end(&self, id: &JobId, update: Update<'_>) -> Result<Option<Job>, StoreError> {
        let ended = update.bind(id.as_str()).execute(&self.pool).await?.rows_affected() > 0;
        if ended { self.job(id).await } else { Ok(None) }
    }
}

type Update<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;
