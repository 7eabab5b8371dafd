//! A job as it is kept.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{ClaimId, JobId, ShareToken};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The full text.
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
    /// The whole request as JSON, for whoever paints it.
    pub request: String,
    /// What its client calls this submission, if it does: the same again is the same job.
    pub key: Option<Key>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a job comes from, as far as that decides how many are taken in, and when it is its turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Tells the jobs of one address, or of one customer's network, from those of others; `None`: it counts for none.
    pub network: Option<String>,
    /// Its owner was made for it. Names cost nothing, so all such jobs of a network count as one client's.
    pub is_new: bool,
}

/// Tells a submission that is sent again from a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The client's own name for the submission.
    pub name: String,
    /// What was submitted, before anything was drawn at random; only its digest is kept.
    pub body: Vec<u8>,
}

/// How many jobs are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Jobs of one owner that wait or run.
    pub owner: u32,
    /// Jobs of one network that wait or run.
    pub network: u32,
    /// Jobs of all owners that wait.
    pub queue: u32,
}

/// What became of a job that was submitted.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// It waits.
    Taken(Job),
    /// It was taken in before, with the same [`Key`]; this is it now.
    Known(Job),
    /// It was not taken in: another one of its owner has this [`Key::name`].
    KeyUsed,
    /// It was not taken in.
    Full(Full),
}

/// Where there is no room for another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Its owner has so many, [`Capacity::owner`].
    Owner(u32),
    /// Its network has so many, [`Capacity::network`].
    Network(u32),
    /// [`Capacity::queue`] wait.
    Queue,
}

/// A job as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What its link ends in.
    pub share: ShareToken,
    /// How far it is.
    pub status: Status,
    /// The full text.
    pub prompt: String,
    /// The seed.
    pub seed: u64,
    /// Width of the pictures in pixels.
    pub width: u32,
    /// Height of the pictures in pixels.
    pub height: u32,
    /// Number of pictures that were asked for.
    pub samples: u32,
    /// Number of denoising steps.
    pub steps: u32,
    /// How much there is to do: pixels of all samples times steps.
    pub work: u64,
    /// The work of all that wait and come first; 0 unless it waits.
    pub before: u64,
    /// Number of pictures that are kept, numbered from 0.
    pub pictures: u32,
    /// What the user should know.
    pub notes: Vec<String>,
    /// When it was submitted, in milliseconds since 1970.
    pub created: i64,
    /// When it came to its end, likewise.
    pub ended: Option<i64>,
}

impl Job {
    /// Does it wait or run?
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Waiting { .. } | Status::Running)
    }
}

/// The states; the crate's documentation shows how they follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// To be claimed.
    Waiting {
        /// Jobs that come first, the running one counted in.
        ahead: u32,
    },
    /// Claimed.
    Running,
    /// All its pictures are kept.
    Done,
    /// It could not be done.
    Failed {
        /// Why, for the user.
        reason: String,
    },
    /// Its client did not want it any more.
    Cancelled,
}

/// How jobs are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimLimits {
    /// Jobs of one owner that run at once.
    pub running: u32,
    /// How long a lease lasts that is not renewed; `None`: for ever.
    pub lease: Option<Duration>,
}

/// A job to be painted now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The job, [`Status::Running`].
    pub job: Job,
    /// What [`NewJob::request`] was.
    pub request: String,
    /// The right to paint it, presented with every write about it.
    pub lease: Lease,
}

/// The right to paint a job: until it runs out, or the job comes to its end in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Which of all claims on it.
    pub claim: ClaimId,
}

/// A part of a client's jobs, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Are there older ones?
    pub more: bool,
}

/// The columns that [`read`] reads, but for `ahead` and `before`.
macro_rules! columns {
    () => {
        "jobs.number, id, share, state, reason, created, ended, prompt, seed, width, height, samples, steps, notes, \
         work, (SELECT count(*) FROM pictures WHERE job = jobs.number) AS pictures"
    };
}
pub(crate) use columns;

/// The `SELECT` that [`read`] reads, with what follows `FROM jobs`.
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

/// A row of [`select_jobs`].
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
