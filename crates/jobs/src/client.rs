//! What a client may do with its own jobs; those of others are for it as if they were not there.

use crate::job::{read, select_jobs};
use crate::pictures::hex_digest;
use crate::{Job, JobId, JobPage, NewJob, Owner, Room, ShareToken, Store, StoreError, Submission, now};

/// Takes a job in if there is room, and says when its turn comes.
///
/// This is fair queueing (Demers, Keshav and Shenker, 1989; with the clock of Golestani, 1994): jobs are painted in the
/// order in which they would end if all clients were served at the same time, each at the same speed. A client's job
/// begins there where its last one ends, or now, and ends its own work later. Clients who submit equal jobs take turns,
/// a short job comes before long ones, and none waits for ever: the clock, which moves on with each job, is where half of
/// the running job is done, or where the first of those that wait begins.
const SUBMIT: &str = "\
    INSERT INTO jobs (id, owner, share, created, prompt, seed, width, height, samples, steps, request, key, body, turn) \
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?14, ?15, ?7 * ?8 * ?9 * ?10 + max( \
        coalesce((SELECT max(turn) FROM jobs WHERE owner = ?2 AND state IN ('waiting', 'running')), 0), \
        coalesce((SELECT max(turn - work / 2) FROM jobs WHERE state = 'running'), \
                 (SELECT min(turn - work) FROM jobs WHERE state = 'waiting'), 0)) \
    WHERE ?12 > (SELECT count(*) FROM jobs WHERE owner = ?2 AND state IN ('waiting', 'running')) \
    AND ?13 > (SELECT count(*) FROM jobs WHERE state = 'waiting') \
    ON CONFLICT (owner, key) WHERE key IS NOT NULL DO NOTHING";

impl Store {
    /// Takes a job in, if there is room. Its turn comes as fair queueing says: see the statement above.
    ///
    /// # Errors
    /// A database that cannot be written; then the job is not in it.
    pub async fn submit(&self, owner: &Owner, new: &NewJob, room: Room) -> Result<Submission, StoreError> {
        let key = new.key.as_ref().map(|key| (key.name.as_str(), hex_digest(&key.body)));
        if let Some(known) = self.known(owner, &key).await? {
            return Ok(known);
        }
        let id = JobId::random();
        let query = sqlx::query(SUBMIT)
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
            .bind(room.owner)
            .bind(room.queue)
            .bind(key.as_ref().map(|(name, _)| *name))
            .bind(key.as_ref().map(|(_, body)| body));
        if query.execute(&self.writer).await?.rows_affected() == 0 {
            // The same, sent twice at once: the other one was quicker.
            if let Some(known) = self.known(owner, &key).await? {
                return Ok(known);
            }
            // Where a job has ended in the meantime neither may be full any more: then it was the owner's own.
            let queue_full = self.open_jobs(owner).await? < room.owner && self.waiting().await? >= room.queue;
            return Ok(if queue_full { Submission::QueueFull } else { Submission::OwnerFull });
        }
        let job = self.find(owner, &id).await?;
        Ok(Submission::Taken(job.ok_or(sqlx::Error::RowNotFound)?))
    }

    /// What became of the submission with this key, if there was one.
    async fn known(
        &self,
        owner: &Owner,
        key: &Option<(&str, String)>,
    ) -> Result<Option<Submission>, StoreError> {
        let Some((name, body)) = key else { return Ok(None) };
        let query = sqlx::query_as("SELECT id, body FROM jobs WHERE owner = ? AND key = ?");
        let query = query.bind(owner.as_str()).bind(*name);
        let Some((id, kept)) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let (id, kept): (String, String) = (id, kept);
        if kept != *body {
            return Ok(Some(Submission::KeyUsed));
        }
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id).try_map(read);
        Ok(query.fetch_optional(&self.pool).await?.map(Submission::Known))
    }

    async fn open_jobs(&self, owner: &Owner) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM jobs WHERE owner = ? AND state IN ('waiting', 'running')";
        Ok(sqlx::query_scalar(query).bind(owner.as_str()).fetch_one(&self.pool).await?)
    }

    async fn waiting(&self) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM jobs WHERE state = 'waiting'";
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
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
        sqlx::query(query).bind(id.as_str()).bind(owner.as_str()).execute(&self.writer).await?;
        self.find(owner, id).await
    }

    /// Deletes a job of the owner, in whatever state, with its pictures; false if there was none.
    ///
    /// # Errors
    /// A database that cannot be written. A file that cannot be removed stays until a store is opened the next time.
    pub async fn delete(&self, owner: &Owner, id: &JobId) -> Result<bool, StoreError> {
        let _files = self.files.write().await;
        match self.find(owner, id).await? {
            Some(_) => self.remove(id).await,
            None => Ok(false),
        }
    }
}
