//! A store in a folder of its own.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod s3;

use jobs::{Capacity, ClaimLimits, Claimed, Job, NewJob, Origin, Owner, Place, Status, Store, Submission};
use tempfile::TempDir;

/// For more jobs than any test submits.
pub const MUCH: Capacity = Capacity { owner: 1000, network: 1000, queue: 1000 };

/// As many jobs of one owner run as there are, and leases last for ever.
pub const ANY: ClaimLimits = ClaimLimits { running: 1000, lease: None };

pub async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Place::Folder).await.unwrap();
    (folder, store)
}

pub fn new_job(prompt: &str) -> NewJob {
    NewJob {
        prompt: prompt.to_owned(),
        seed: 1 << 53,
        width: 64,
        height: 48,
        samples: 2,
        steps: 20,
        request: format!(r#"{{"prompt":{prompt:?}}}"#),
        key: None,
        origin: Origin::default(),
    }
}

pub async fn submitted(store: &Store, owner: &Owner, prompt: &str) -> Job {
    taken(store.submit(owner, &new_job(prompt), MUCH).await.unwrap())
}

/// A job from a network, of a client who is new to the store or not.
pub fn new_job_from(network: &str, is_new: bool) -> NewJob {
    let origin = Origin { network: Some(network.to_owned()), is_new };
    NewJob { origin, ..new_job(network) }
}

/// A job of which only the number of steps counts.
pub async fn submitted_steps(store: &Store, owner: &Owner, prompt: &str, steps: u32) -> Job {
    taken(store.submit(owner, &NewJob { steps, ..new_job(prompt) }, MUCH).await.unwrap())
}

pub fn taken(submission: Submission) -> Job {
    let Submission::Taken(job) = submission else { panic!("{submission:?}") };
    job
}

/// The next job, if one waits.
pub async fn next(store: &Store) -> Option<Claimed> {
    store.claim(ANY, 0).await.unwrap()
}

/// The next job.
pub async fn claimed(store: &Store) -> Claimed {
    next(store).await.unwrap()
}

/// The state of a job that its owner finds.
pub async fn status(store: &Store, owner: &Owner, job: &Job) -> Status {
    store.find(owner, &job.id).await.unwrap().unwrap().status
}

/// The names of the files in the folder of pictures.
pub fn files(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join("pictures")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
