//! What a client may do with its own jobs; to it, those of others do not exist.

use sha2::{Digest, Sha256};

use crate::job::{read, select_jobs};
use crate::{
    Capacity, Full, Job, JobId, JobPage, Key, NewJob, Origin, Owner, ShareToken, Store, StoreError,
    Submission, now,
};

/// Open jobs of client `?1`. Clients without a cookie (`?3`) share one account per network `?2`.
macro_rules! own {
    () => {
        "state IN ('waiting', 'running') AND (owner = ?1 OR (?3 AND is_new AND network = ?2))"
    };
}

/// Inserts a job at its place in the queue if there is room.
///
/// This is self-clocked fair queueing (Golestani, 1994, after Demers, Keshav and Shenker, 1989). A job's
/// start tag is the later of the last finish tag among its client's open jobs and the virtual clock; its
/// finish tag (`turn`) is that plus its work; the smallest is served first. The clock stands halfway between
/// the tags of the running job (of several, the latest), or at the smallest start tag of the waiting jobs if
/// none runs. So equal jobs of different clients take turns, short jobs precede long ones, and none starves.
const SUBMIT: &str = concat!(
    "INSERT INTO jobs (id, owner, share, created, prompt, seed, width, height, samples, steps, request, network, is_new, \
         key, body, turn) \
     SELECT ?5, ?1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?2, ?3, ?15, ?16, ?10 * ?11 * ?12 * ?13 + max( \
         coalesce((SELECT max(turn) FROM jobs WHERE ",
    own!(),
    "), 0), coalesce((SELECT max(turn - work / 2) FROM jobs WHERE state = 'running'), \
         (SELECT min(turn - work) FROM jobs WHERE state = 'waiting'), 0)) \
     WHERE ?4 > (SELECT count(*) FROM jobs WHERE ",
    own!(),
    ") AND ?17 > (SELECT count(*) FROM jobs WHERE network = ?2 AND state IN ('waiting', 'running')) \
     AND ?18 > (SELECT count(*) FROM jobs WHERE state = 'waiting') \
     ON CONFLICT (owner, key) WHERE key IS NOT NULL DO NOTHING"
);

/// Counts the used capacity: the client's, its network's, everyone's.
const TAKEN: &str = concat!(
    "SELECT (SELECT count(*) FROM jobs WHERE ",
    own!(),
    "), (SELECT count(*) FROM jobs WHERE network = ?2 AND state IN ('waiting', 'running')), \
     (SELECT count(*) FROM jobs WHERE state = 'waiting')"
);

impl Store {
    /// Accepts a job if there is room; fair queueing decides when it is claimed.
    ///
    /// # Errors
    /// The database cannot be written; the job is then not stored.
    pub async fn submit(
        &self,
        owner: &Owner,
        new: &NewJob,
        capacity: Capacity,
    ) -> Result<Submission, StoreError> {
        let key = new.key.as_ref().map(|key| (key.name.as_str(), hex_digest(&key.body)));
        let id = JobId::random();
        let query = sqlx::query(SUBMIT)
            .bind(owner.as_str())
            .bind(&new.origin.network)
            .bind(new.origin.is_new)
            .bind(capacity.owner)
            .bind(id.as_str())
            .bind(ShareToken::random().as_str().to_owned())
            .bind(now())
            .bind(&new.prompt)
            .bind(new.seed.cast_signed())
            .bind(new.width)
            .bind(new.height)
            .bind(new.samples)
            .bind(new.steps)
            .bind(&new.request)
            .bind(key.as_ref().map(|(name, _)| *name))
            .bind(key.as_ref().map(|(_, body)| body))
            .bind(capacity.network)
            .bind(capacity.queue);
        if query.execute(&self.writer).await?.rows_affected() == 0 {
            let known = self.foreseen(owner, new.key.as_ref(), &new.origin, capacity).await?;
            // A job may have ended since, so that nothing is full any more: probably one of the owner's.
            return Ok(known.unwrap_or(Submission::Full(Full::Owner(capacity.owner))));
        }
        let job = self.find(owner, &id).await?;
        Ok(Submission::Taken(job.ok_or(sqlx::Error::RowNotFound)?))
    }

    /// Predicts the outcome of a submission regardless of its contents: already accepted, or no room.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn foreseen(
        &self,
        owner: &Owner,
        key: Option<&Key>,
        origin: &Origin,
        capacity: Capacity,
    ) -> Result<Option<Submission>, StoreError> {
        if let Some(known) = self.known(owner, key).await? {
            return Ok(Some(known));
        }
        let query = sqlx::query_as(TAKEN).bind(owner.as_str()).bind(&origin.network).bind(origin.is_new);
        let (own, network, waiting): (u32, u32, u32) = query.fetch_one(&self.pool).await?;
        let full = if own >= capacity.owner {
            Some(Full::Owner(capacity.owner))
        } else if network >= capacity.network {
            Some(Full::Network(capacity.network))
        } else {
            (waiting >= capacity.queue).then_some(Full::Queue)
        };
        Ok(full.map(Submission::Full))
    }

    /// Returns the outcome of an earlier submission with this key, if there was one.
    async fn known(&self, owner: &Owner, key: Option<&Key>) -> Result<Option<Submission>, StoreError> {
        let Some(Key { name, body }) = key else { return Ok(None) };
        let query = sqlx::query_as("SELECT id, body FROM jobs WHERE owner = ? AND key = ?");
        let query = query.bind(owner.as_str()).bind(name);
        let Some((id, kept)) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let (id, kept): (String, String) = (id, kept);
        if kept != hex_digest(body) {
            return Ok(Some(Submission::KeyUsed));
        }
        let query = sqlx::query(select_jobs!("WHERE id = ?")).bind(id).try_map(read);
        Ok(query.fetch_optional(&self.pool).await?.map(Submission::Known))
    }

    /// A job of the owner.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn find(&self, owner: &Owner, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query =
            sqlx::query(select_jobs!("WHERE id = ? AND owner = ?")).bind(id.as_str()).bind(owner.as_str());
        Ok(query.try_map(read).fetch_optional(&self.pool).await?)
    }

    /// Returns at most `limit` of the owner's jobs, newest first: the newest of all, or those older than
    /// `before`; `None` if the owner has no job `before`.
    ///
    /// # Errors
    /// The database cannot be read.
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
        // One extra row tells whether there are more.
        let query = query.bind(owner.as_str()).bind(end).bind(i64::from(limit) + 1);
        let mut jobs = query.try_map(read).fetch_all(&self.pool).await?;
        let more = jobs.len() > limit as usize;
        jobs.truncate(limit as usize);
        Ok(Some(JobPage { jobs, more }))
    }

    /// Counts the owner's jobs from the newest back to the oldest that waits or runs; 0 if none does.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn unfinished_reach(&self, owner: &Owner) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM jobs WHERE owner = ?1 AND number >= \
                     (SELECT min(number) FROM jobs WHERE owner = ?1 AND state IN ('waiting', 'running'))";
        let count: i64 = sqlx::query_scalar(query).bind(owner.as_str()).fetch_one(&self.pool).await?;
        Ok(count.try_into().unwrap_or(u32::MAX))
    }

    /// Cancels a job of the owner, or of anyone; false if there is no such open job.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn cancel(&self, id: &JobId, owner: Option<&Owner>) -> Result<bool, StoreError> {
        let query = "UPDATE jobs SET state = 'cancelled' \
                     WHERE id = ?1 AND (?2 IS NULL OR owner = ?2) AND state IN ('waiting', 'running')";
        let query = sqlx::query(query).bind(id.as_str()).bind(owner.map(Owner::as_str));
        Ok(query.execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Deletes a job of the owner, in any state, with its pictures; false if there was none.
    ///
    /// # Errors
    /// The database cannot be written. A file that cannot be removed stays until the store is next opened.
    pub async fn delete(&self, owner: &Owner, id: &JobId) -> Result<bool, StoreError> {
        match self.find(owner, id).await? {
            Some(_) => self.remove(id).await,
            None => Ok(false),
        }
    }
}

/// Returns the SHA-256 in lower-case hexadecimal.
fn hex_digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
