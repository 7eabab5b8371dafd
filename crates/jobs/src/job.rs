//! A job as it is stored.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{ClaimId, JobId, ShareToken};

/// A job to be submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The full prompt.
    pub prompt: String,
    /// The seed, at most 2^63 - 1.
    pub seed: u64,
    /// Width of the pictures in pixels.
    pub width: u32,
    /// Height of the pictures in pixels.
    pub height: u32,
    /// Number of pictures.
    pub samples: u32,
    /// Number of denoising steps.
    pub steps: u32,
    /// The whole request as JSON, for the painter.
    pub request: String,
    /// The client's idempotency key, if any: the same key again means the same job.
    pub key: Option<Key>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A job's origin, as far as it matters for capacity and queue order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Identifies an address, or one customer's network; `None`: counts towards no network.
    pub network: Option<String>,
    /// Its owner was created for it. Owners are free: all such jobs of a network count as one client's.
    pub is_new: bool,
}

/// Tells a repeated submission from a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The client's own name for the submission.
    pub name: String,
    /// What was submitted, before any random choice; only its digest is kept.
    pub body: Vec<u8>,
}

/// How many jobs are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Jobs of one owner that wait or run.
    pub owner: u32,
    /// Jobs of one network that wait or run.
    pub network: u32,
    /// Jobs of all owners that wait.
    pub queue: u32,
}

/// Outcome of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// Accepted; it waits.
    Taken(Job),
    /// Accepted earlier with the same [`Key`]; this is its current state.
    Known(Job),
    /// Rejected: another job of its owner has this [`Key::name`].
    KeyUsed,
    /// Rejected: there is no room.
    Full(Full),
}

/// Which limit leaves no room for another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Its owner's, [`Capacity::owner`].
    Owner(u32),
    /// Its network's, [`Capacity::network`].
    Network(u32),
    /// [`Capacity::queue`] wait.
    Queue,
}

/// A job as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// The token of its share link.
    pub share: ShareToken,
    /// Its state.
    pub status: Status,
    /// The full prompt.
    pub prompt: String,
    /// The seed.
    pub seed: u64,
    /// Width of the pictures in pixels.
    pub width: u32,
    /// Height of the pictures in pixels.
    pub height: u32,
    /// Number of pictures requested.
    pub samples: u32,
    /// Number of denoising steps.
    pub steps: u32,
    /// Amount of work: pixels of all samples times steps.
    pub work: u64,
    /// Work of the waiting jobs ahead of it; 0 unless it waits.
    pub before: u64,
    /// Number of pictures stored, numbered from 0.
    pub pictures: u32,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// When it was submitted, in milliseconds since 1970.
    pub created: i64,
    /// When it ended, likewise.
    pub ended: Option<i64>,
}

impl Job {
    /// Does it wait or run?
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Waiting { .. } | Status::Running)
    }
}

/// A job's state; the crate documentation shows the transitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not claimed yet.
    Waiting {
        /// Jobs ahead of it, including running ones.
        ahead: u32,
    },
    /// Claimed.
    Running,
    /// All its pictures are stored.
    Done,
    /// It could not be done.
    Failed {
        /// Why, for the user.
        reason: String,
    },
    /// Its client, or the host, cancelled it.
    Cancelled,
}

/// Limits on claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimLimits {
    /// Concurrent running jobs of one owner.
    pub running: u32,
    /// How long a lease lasts unless renewed; `None`: for ever.
    pub lease: Option<Duration>,
}

/// A job to be painted now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The job, [`Status::Running`].
    pub job: Job,
    /// The stored [`NewJob::request`].
    pub request: String,
    /// The right to paint it, required for every write about it.
    pub lease: Lease,
}

/// The right to paint a job until the lease expires or the job ends otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Which claim on it.
    pub claim: ClaimId,
}

/// A page of a client's jobs, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Are there older ones?
    pub more: bool,
}

/// The columns that [`read`] reads, except `ahead` and `before`.
macro_rules! columns {
    () => {
        "jobs.number, id, share, state, reason, created, ended, prompt, seed, width, height, samples, steps, notes, \
         work, (SELECT count(*) FROM pictures WHERE job = jobs.number) AS pictures"
    };
}
pub(crate) use columns;

/// The `SELECT` for [`read`], followed by what comes after `FROM jobs`.
macro_rules! select_jobs {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            $crate::job::columns!(),
            ", CASE state WHEN 'waiting' THEN \
                 (SELECT count(*) FROM jobs AS other WHERE other.state = 'running') + \
                 (SELECT count(*) FROM jobs AS other WHERE other.state = 'waiting' \
                  AND (other.turn, other.number) < (jobs.turn, jobs.number)) \
             END AS ahead, \
             CASE state WHEN 'waiting' THEN \
                 (SELECT coalesce(sum(work), 0) FROM jobs AS other WHERE other.state = 'waiting' \
                  AND (other.turn, other.number) < (jobs.turn, jobs.number)) \
             ELSE 0 END AS before \
             FROM jobs ",
            $rest
        )
    };
}
pub(crate) use select_jobs;

/// Decodes a row of [`select_jobs`].
pub(crate) fn read(row: SqliteRow) -> sqlx::Result<Job> {
    let text = |column| row.try_get::<String, _>(column);
    let status = match text("state")?.as_str() {
        "waiting" => Status::Waiting { ahead: row.try_get("ahead")? },
        "running" => Status::Running,
        "done" => Status::Done,
        "failed" => Status::Failed { reason: text("reason")? },
        "cancelled" => Status::Cancelled,
        other => return Err(damaged("state", other)),
    };
    let (id, share, notes) = (text("id")?, text("share")?, text("notes")?);
    Ok(Job {
        id: JobId::parse(&id).ok_or_else(|| damaged("id", &id))?,
        share: ShareToken::parse(&share).ok_or_else(|| damaged("share", &share))?,
        status,
        prompt: text("prompt")?,
        seed: row.try_get::<i64, _>("seed")?.cast_unsigned(),
        width: row.try_get("width")?,
        height: row.try_get("height")?,
        samples: row.try_get("samples")?,
        steps: row.try_get("steps")?,
        work: row.try_get::<i64, _>("work")?.cast_unsigned(),
        before: row.try_get::<i64, _>("before")?.cast_unsigned(),
        pictures: row.try_get("pictures")?,
        notes: serde_json::from_str(&notes).map_err(|_| damaged("notes", &notes))?,
        created: row.try_get("created")?,
        ended: row.try_get("ended")?,
    })
}

fn damaged(column: &str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("column {column} holds {value:?}").into())
}
