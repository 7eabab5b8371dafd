//! What a store is after the process that had it ended, in whatever way.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{claimed, next, status, store, submitted};
use jobs::{Claimed, Owner, Place, Status, Store, StoreError};

#[tokio::test]
async fn what_was_running_waits_again_at_its_old_place_and_fails_after_three_attempts() {
    let (folder, mut store) = store().await;
    let owner = Owner::random();
    let (first, second) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    for attempt in 1..=3 {
        assert_eq!(claimed(&store).await.job.id, first.id, "attempt {attempt}");
        drop(store);
        store = Store::open(folder.path(), &Place::Folder).await.unwrap();
        assert_eq!(status(&store, &owner, &first).await, Status::Running);
        store.requeue(None, &[]).await.unwrap();
    }
    let Status::Failed { reason } = status(&store, &owner, &first).await else { panic!("not failed") };
    assert!(reason.contains("3 times"), "{reason}");
    assert_eq!(claimed(&store).await.job.id, second.id);
}

#[tokio::test]
async fn a_job_that_ends_the_server_fails_alone_though_others_were_painted_beside_it() {
    let (folder, mut store) = store().await;
    let owner = Owner::random();
    let jobs = [
        submitted(&store, &owner, "innocent").await,
        submitted(&store, &owner, "guilty").await,
        submitted(&store, &owner, "innocent too").await,
    ];
    let mut done = Vec::new();
    // Each server paints what it gets until it gets no more, and ends with the guilty one.
    for _ in 1..=3 {
        loop {
            let mut running = Vec::new();
            while let Some(claimed) = next(&store).await {
                running.push(claimed);
            }
            if running.iter().any(|claimed| claimed.job.id == jobs[1].id) {
                break;
            }
            for Claimed { lease, .. } in running {
                done.push(store.finish(&lease, &[]).await.unwrap().unwrap().id);
            }
        }
        drop(store);
        store = Store::open(folder.path(), &Place::Folder).await.unwrap();
        store.requeue(None, &[]).await.unwrap();
    }
    assert!(matches!(status(&store, &owner, &jobs[1]).await, Status::Failed { .. }));
    assert_eq!(done, [jobs[0].id.clone()], "the first to be tried alone");
    let last = claimed(&store).await;
    assert_eq!(last.job.id, jobs[2].id);
    let fresh = submitted(&store, &owner, "fresh").await;
    assert_eq!(next(&store).await, None, "nothing is painted beside it");
    store.finish(&last.lease, &[]).await.unwrap().unwrap();
    assert_eq!(claimed(&store).await.job.id, fresh.id);
}

#[tokio::test]
async fn a_job_that_lost_an_attempt_waits_until_it_is_alone_and_is_not_overtaken() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let (lost, beside) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    claimed(&store).await;
    let held = claimed(&store).await;
    assert_eq!(held.job.id, beside.id);
    store.requeue(None, std::slice::from_ref(&held.lease)).await.unwrap();
    submitted(&store, &owner, "3").await;
    assert_eq!(next(&store).await, None);
    store.finish(&held.lease, &[]).await.unwrap().unwrap();
    assert_eq!(claimed(&store).await.job.id, lost.id);
}

#[tokio::test]
async fn a_job_that_was_given_back_has_lost_no_attempt() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    for _ in 0..5 {
        let claimed = claimed(&store).await;
        assert_eq!(claimed.job.id, job.id);
        store.release(&claimed.lease).await.unwrap();
    }
    assert_eq!(status(&store, &owner, &job).await, Status::Waiting { ahead: 0 });
}

#[tokio::test]
async fn a_folder_has_one_store_at_a_time() {
    let (folder, store) = store().await;
    let error = Store::open(folder.path(), &Place::Folder).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
    drop(store);
    Store::open(folder.path(), &Place::Folder).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_the_store_makes_is_its_owners_alone_and_one_that_is_there_stays_as_it_is() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    for mode in [0o700, 0o750] {
        Store::open(&folder, &Place::Folder).await.unwrap();
        assert_eq!(metadata(&folder).unwrap().permissions().mode() & 0o777, mode);
        set_permissions(&folder, Permissions::from_mode(0o750)).unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_and_a_database_that_is_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "a file").unwrap();
    let error = Store::open(&taken.join("data"), &Place::Folder).await.unwrap_err().to_string();
    assert!(error.contains("taken"), "{error}");
    std::fs::write(
        folder.path().join("jobs.sqlite"),
        "no database at all, but long enough to be one".repeat(99),
    )
    .unwrap();
    let error = Store::open(folder.path(), &Place::Folder).await.unwrap_err().to_string();
    assert!(error.contains("database"), "{error}");
}
