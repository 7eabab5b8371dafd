//! What a store is after the process that had it ended, in whatever way.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{claimed, status, store, submitted};
use jobs::{Owner, Place, Status, Store, StoreError};

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
        store.recover(&[]).await.unwrap();
    }
    let Status::Failed { reason } = status(&store, &owner, &first).await else { panic!("not failed") };
    assert!(reason.contains("3 times"), "{reason}");
    assert_eq!(claimed(&store).await.job.id, second.id);
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
