//! What the host does: deleting what is over, counting, giving up; and submissions that are sent again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{MUCH, claimed, files, new_job, status, store, submitted, taken};
use jobs::{Capacity, Full, Job, Key, NewJob, Owner, Retention, Status, Store, Submission};

/// A job that is done, with one picture of so many bytes.
async fn done(store: &Store, owner: &Owner, prompt: &str, bytes: usize) -> Job {
    let job = submitted(store, owner, prompt).await;
    let claimed = claimed(store).await;
    assert_eq!(claimed.job.id, job.id);
    let png = prompt.bytes().cycle().take(bytes).collect();
    store.picture_done(&claimed.lease, 0, png).await.unwrap().unwrap();
    store.finish(&claimed.lease, &[]).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_submission_that_is_sent_again_is_the_job_that_it_was() {
    let (_folder, store) = store().await;
    let (owner, other) = (Owner::random(), Owner::random());
    let with = |name: &str, body: &str, seed| NewJob {
        key: Some(Key { name: name.to_owned(), body: body.as_bytes().to_vec() }),
        seed,
        ..new_job("a lion")
    };
    let capacity = Capacity { owner: 1, ..MUCH };
    let first = taken(store.submit(&owner, &with("one", "body", 1), capacity).await.unwrap());
    let again = store.submit(&owner, &with("one", "body", 2), capacity).await.unwrap();
    assert_eq!(again, Submission::Known(first.clone()), "though there is no room for another");
    assert_eq!(store.submit(&owner, &with("one", "other", 1), capacity).await.unwrap(), Submission::KeyUsed);
    assert_eq!(
        store.submit(&owner, &with("two", "body", 1), capacity).await.unwrap(),
        Submission::Full(Full::Owner(1))
    );
    assert_ne!(taken(store.submit(&other, &with("one", "body", 1), capacity).await.unwrap()).id, first.id);
    assert!(store.delete(&owner, &first.id).await.unwrap());
    taken(store.submit(&owner, &with("one", "body", 1), capacity).await.unwrap());
}

#[tokio::test]
async fn of_one_submission_that_is_sent_many_times_at_once_there_is_one_job() {
    let (_folder, store) = store().await;
    let (store, owner) = (std::sync::Arc::new(store), Owner::random());
    let sent: Vec<_> = (0..20)
        .map(|seed| {
            let (store, owner) = (store.clone(), owner.clone());
            let key = Some(Key { name: "key".into(), body: b"body".to_vec() });
            let new = NewJob { key, seed, ..new_job("a lion") };
            tokio::spawn(async move { store.submit(&owner, &new, MUCH).await.unwrap() })
        })
        .collect();
    let mut ids = std::collections::HashSet::new();
    for sent in sent {
        let (Submission::Taken(job) | Submission::Known(job)) = sent.await.unwrap() else {
            panic!("refused")
        };
        ids.insert(job.id);
    }
    assert_eq!((ids.len(), store.counts().await.unwrap().waiting), (1, 1));
}

#[tokio::test]
async fn what_ended_first_is_deleted_until_the_rest_has_room() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let mut jobs = Vec::new();
    for prompt in ["1", "2", "3"] {
        jobs.push(done(&store, &owner, prompt, 1000).await);
    }
    let waiting = submitted(&store, &owner, "4").await;
    assert_eq!(store.tidy(Retention::default()).await.unwrap(), 0);
    assert_eq!(
        store.tidy(Retention { bytes: Some(3100), since: None }).await.unwrap(),
        0,
        "with their requests"
    );
    let retention = Retention { bytes: Some(2500), since: None };
    assert_eq!(store.tidy(retention).await.unwrap(), 1);
    assert_eq!(store.tidy(retention).await.unwrap(), 0);
    assert_eq!(store.find(&owner, &jobs[0].id).await.unwrap(), None);
    assert_eq!((files(&folder).len(), store.counts().await.unwrap().bytes), (2, 2000));

    let after = jobs[2].ended.unwrap() + 1;
    assert_eq!(store.tidy(Retention { since: Some(after), bytes: None }).await.unwrap(), 2);
    assert_eq!(files(&folder), Vec::<String>::new());
    assert_eq!(status(&store, &owner, &waiting).await, Status::Waiting { ahead: 0 }, "it is not over");
}

#[tokio::test]
async fn requests_take_room_as_pictures_do() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let long = NewJob { request: "x".repeat(1000), ..new_job("long") };
    let long = taken(store.submit(&owner, &long, MUCH).await.unwrap());
    assert!(store.cancel(&long.id, Some(&owner)).await.unwrap());
    assert_eq!(store.tidy(Retention { bytes: Some(1000), since: None }).await.unwrap(), 0);
    assert_eq!(store.tidy(Retention { bytes: Some(999), since: None }).await.unwrap(), 1);
    assert_eq!(store.find(&owner, &long.id).await.unwrap(), None);
}

#[tokio::test]
async fn every_end_has_its_time_and_nothing_else_has() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let ended = async |job: &Job| store.find(&owner, &job.id).await.unwrap().unwrap().ended;
    let (one, two, three) = (
        submitted(&store, &owner, "1").await,
        submitted(&store, &owner, "2").await,
        submitted(&store, &owner, "3").await,
    );
    let lease = claimed(&store).await.lease;
    assert_eq!((ended(&one).await, ended(&two).await), (None, None));
    store.fail(&lease, "no").await.unwrap().unwrap();
    assert!(store.cancel(&two.id, Some(&owner)).await.unwrap());
    assert!(store.cancel(&three.id, None).await.unwrap());
    assert!(!store.cancel(&two.id, None).await.unwrap(), "it was over");
    for job in [&one, &two, &three] {
        let time = ended(job).await.unwrap() - job.created;
        assert!((0..60_000).contains(&time), "{time} ms after it was submitted");
    }
    assert_eq!(store.open_ids().await.unwrap(), []);
}

#[tokio::test]
async fn what_waits_is_counted_by_jobs_and_clients() {
    let (_folder, store) = store().await;
    let (one, other) = (Owner::random(), Owner::random());
    let first = submitted(&store, &one, "1").await;
    submitted(&store, &one, "2").await;
    submitted(&store, &other, "3").await;
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.clients, counts.oldest), (3, 2, Some(first.created)));
    claimed(&store).await;
    assert_eq!(store.counts().await.unwrap().waiting, 2);
    assert_eq!(store.open_ids().await.unwrap().len(), 3, "the one that runs too");
}
