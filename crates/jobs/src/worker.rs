//! What the painter of jobs does with them.

use crate::job::{columns, read, select_jobs};
use crate::{
    ClaimId, ClaimLimits, Claimed, Job, JobId, Lease, MAX_ATTEMPTS, Status, Store, StoreError, pictures,
};

/// Claims the first waiting job whose owner may have another one running. One that lost an attempt is painted
/// alone, so that no other loses one if it crashes the server again; none overtakes it.
const CLAIM: &str = "\
    UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = ?1, lease_ends = ?2 \
    WHERE number = (SELECT number FROM jobs WHERE state = 'waiting' \
        AND ?3 > (SELECT count(*) FROM jobs AS own WHERE own.state = 'running' AND (own.owner = jobs.owner \
            OR (own.is_new AND jobs.is_new AND own.network = jobs.network))) \
        ORDER BY turn, number LIMIT 1) \
    AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.state = 'running' \
        AND (jobs.attempts > 0 OR other.attempts > 1)) \
    RETURNING id, request";

impl Store {
    /// Claims the next job and makes it `running`, with a lease from `now` ([`crate::lease_time`]); `None` if
    /// none waits, or if it must not be painted beside those that run.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn claim(&self, claim_limits: ClaimLimits, now: i64) -> Result<Option<Claimed>, StoreError> {
        let claim = ClaimId::random();
        let query = sqlx::query_as(CLAIM)
            .bind(claim.as_str())
            .bind(claim_limits.ends(now))
            .bind(claim_limits.running);
        let claimed: Option<(String, String)> = query.fetch_optional(&self.writer).await?;
        let Some((id, request)) = claimed else { return Ok(None) };
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id);
        let job = query.try_map(read).fetch_optional(&self.pool).await?;
        // Cancelled or deleted just now: as if it had not been claimed.
        Ok(job.filter(|job| job.status == Status::Running).map(|job| {
            let lease = Lease { job: job.id.clone(), claim };
            Claimed { job, request, lease }
        }))
    }

    /// Renews a lease from `now`; false if it has been lost.
    ///
    /// # Errors
    /// The database cannot be written; the lease then ends when it would have.
    pub async fn renew(
        &self,
        lease: &Lease,
        claim_limits: ClaimLimits,
        now: i64,
    ) -> Result<bool, StoreError> {
        let query = "UPDATE jobs SET lease_ends = ? WHERE id = ? AND lease = ? AND state = 'running'";
        let query = sqlx::query(query).bind(claim_limits.ends(now)).bind(lease.job.as_str());
        Ok(query.bind(lease.claim.as_str()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Returns a job in any state; `None` if it was deleted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id.as_str());
        Ok(query.try_map(read).fetch_optional(&self.pool).await?)
    }

    /// Returns all waiting jobs in the order in which they will be claimed, their places from one query.
    ///
    /// # Errors
    /// The database cannot be read.
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

    /// Stores picture `number` of a running job, replacing that of an earlier attempt; `None` if the lease
    /// has been lost.
    ///
    /// # Errors
    /// The database or a file cannot be written; the picture is then not stored.
    pub async fn picture_done(
        &self,
        lease: &Lease,
        number: u32,
        png: Vec<u8>,
    ) -> Result<Option<Job>, StoreError> {
        let bytes = png.len() as i64;
        let name = pictures::name(lease, number);
        self.pictures.write(&name, png).await?;
        let kept = self.keep_name(lease, number, &name, bytes).await;
        // Leave no file behind that no row references, for whatever reason.
        let unused = match &kept {
            Ok(Some(replaced)) => replaced.clone().into_iter().collect(),
            Ok(None) | Err(_) => vec![name],
        };
        self.remove_unused(unused).await;
        if kept?.is_some() { self.job(&lease.job).await } else { Ok(None) }
    }

    /// Writes a picture's row; returns the file that it replaces, if any, or `None` if the lease is lost.
    async fn keep_name(
        &self,
        lease: &Lease,
        number: u32,
        name: &str,
        bytes: i64,
    ) -> Result<Option<Option<String>>, StoreError> {
        let replaced = "SELECT name FROM pictures JOIN jobs ON jobs.number = job \
                        WHERE jobs.id = ? AND pictures.number = ?";
        let replaced = sqlx::query_scalar(replaced).bind(lease.job.as_str()).bind(number);
        let replaced: Option<String> = replaced.fetch_optional(&self.pool).await?;
        let query = "INSERT INTO pictures (job, number, name, bytes) \
                     SELECT jobs.number, ?, ?, ? FROM jobs WHERE id = ? AND lease = ? AND state = 'running' \
                     ON CONFLICT (job, number) DO UPDATE SET name = excluded.name, bytes = excluded.bytes";
        let query = sqlx::query(query).bind(number).bind(name).bind(bytes);
        let query = query.bind(lease.job.as_str()).bind(lease.claim.as_str());
        let kept = query.execute(&self.writer).await?.rows_affected() > 0;
        Ok(kept.then_some(replaced))
    }

    /// Marks a running job as done; `None` if the lease has been lost.
    ///
    /// # Errors
    /// The database cannot be written; the job then still runs.
    pub async fn finish(&self, lease: &Lease, notes: &[String]) -> Result<Option<Job>, StoreError> {
        let query =
            "UPDATE jobs SET state = 'done', notes = ? WHERE id = ? AND lease = ? AND state = 'running'";
        self.end(lease, sqlx::query(query).bind(serde_json::Value::from(notes).to_string())).await
    }

    /// Marks a running job as failed, with the reason for its user; `None` if the lease has been lost.
    ///
    /// # Errors
    /// The database cannot be written; the job then still runs.
    pub async fn fail(&self, lease: &Lease, reason: &str) -> Result<Option<Job>, StoreError> {
        let query =
            "UPDATE jobs SET state = 'failed', reason = ? WHERE id = ? AND lease = ? AND state = 'running'";
        self.end(lease, sqlx::query(query).bind(reason.to_owned())).await
    }

    /// Returns a running job to the queue, as if it had never been claimed.
    ///
    /// # Errors
    /// The database cannot be written; the job then still runs.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let query = "UPDATE jobs SET state = 'waiting', attempts = attempts - 1 \
                     WHERE id = ? AND lease = ? AND state = 'running'";
        let query = sqlx::query(query).bind(lease.job.as_str()).bind(lease.claim.as_str());
        query.execute(&self.writer).await?;
        Ok(())
    }

    /// Requeues running jobs at their old places and returns them: those whose lease expired by `expired_by`,
    /// or all (`None`: at startup, or if a job's end could not be written), except those `held`. A job
    /// claimed [`MAX_ATTEMPTS`] times fails instead.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn requeue(&self, expired_by: Option<i64>, held: &[Lease]) -> Result<Vec<JobId>, StoreError> {
        let held: serde_json::Value = held.iter().map(|lease| lease.claim.as_str()).collect();
        let reason = format!(
            "The server began this {MAX_ATTEMPTS} times and came to no end. Try fewer steps or a smaller size."
        );
        let query = "UPDATE jobs SET state = iif(attempts < ?1, 'waiting', 'failed'), \
                     reason = iif(attempts < ?1, '', ?2) \
                     WHERE state = 'running' AND (?3 IS NULL OR lease_ends <= ?3) \
                     AND coalesce(lease, '') NOT IN (SELECT value FROM json_each(?4)) RETURNING id";
        let query = sqlx::query_scalar(query).bind(MAX_ATTEMPTS).bind(reason).bind(expired_by);
        let ids: Vec<String> = query.bind(held.to_string()).fetch_all(&self.writer).await?;
        Ok(ids.iter().filter_map(|id| JobId::parse(id)).collect())
    }

    async fn end(&self, lease: &Lease, update: Update<'_>) -> Result<Option<Job>, StoreError> {
        let update = update.bind(lease.job.as_str()).bind(lease.claim.as_str());
        let ended = update.execute(&self.writer).await?.rows_affected() > 0;
        if ended { self.job(&lease.job).await } else { Ok(None) }
    }
}

impl ClaimLimits {
    /// Returns when a lease from `now` expires.
    fn ends(self, now: i64) -> Option<i64> {
        self.lease.map(|lease| now.saturating_add(lease.as_millis() as i64))
    }
}

type Update<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;
