//! What a store is after the process that had it ended, in whatever way.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{files, status, store, submitted};
use jobs::{Owner, Status, Store, StoreError};

#[tokio::test]
async fn what_was_running_waits_again_at_its_old_place_and_fails_after_three_attempts() {
    let (folder, mut store) = store().await;
    let owner = Owner::random();
    let (first, second) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    for attempt in 1..=3 {
        assert_eq!(store.claim().await.unwrap().unwrap().job.id, first.id, "attempt {attempt}");
        drop(store);
        store = Store::open(folder.path()).await.unwrap();
        assert_eq!(status(&store, &owner, &first).await, Status::Running);
        store.recover().await.unwrap();
    }
    let Status::Failed { reason } = status(&store, &owner, &first).await else { panic!("not failed") };
    assert!(reason.contains("3 times"), "{reason}");
    assert_eq!(store.claim().await.unwrap().unwrap().job.id, second.id);
}

#[tokio::test]
async fn a_job_that_was_given_back_has_lost_no_attempt() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    for _ in 0..5 {
        assert_eq!(store.claim().await.unwrap().unwrap().job.id, job.id);
        store.release(&job.id).await.unwrap();
    }
    assert_eq!(status(&store, &owner, &job).await, Status::Waiting { ahead: 0 });
}

#[tokio::test]
async fn a_folder_has_one_store_at_a_time() {
    let (folder, store) = store().await;
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
    drop(store);
    Store::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_and_a_database_that_is_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "a file").unwrap();
    let error = Store::open(&taken.join("data")).await.unwrap_err().to_string();
    assert!(error.contains("taken"), "{error}");
    std::fs::write(
        folder.path().join("jobs.sqlite"),
        "no database at all, but long enough to be one".repeat(99),
    )
    .unwrap();
    let error = Store::open(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("database"), "{error}");
}

#[tokio::test]
async fn a_picture_is_kept_once_and_as_long_as_a_job_has_it() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let mut jobs = Vec::new();
    for name in ["1", "2"] {
        let job = submitted(&store, &owner, name).await;
        store.claim().await.unwrap().unwrap();
        store.picture_done(&job.id, 0, b"the same".to_vec()).await.unwrap().unwrap();
        jobs.push(store.finish(&job.id, &[]).await.unwrap().unwrap());
    }
    assert_eq!(files(&folder).len(), 1);
    assert!(store.delete(&owner, &jobs[0].id).await.unwrap());
    assert_eq!(store.picture(&jobs[1], 0).await.unwrap().as_deref(), Some(&b"the same"[..]));
    assert!(store.delete(&owner, &jobs[1].id).await.unwrap());
    assert_eq!(files(&folder), Vec::<String>::new());
}

#[tokio::test]
async fn a_second_attempt_replaces_what_the_first_left() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    for picture in [&b"half of the way"[..], &b"all of it"[..]] {
        store.claim().await.unwrap().unwrap();
        store.picture_done(&job.id, 0, picture.to_vec()).await.unwrap().unwrap();
        store.recover().await.unwrap();
    }
    store.claim().await.unwrap().unwrap();
    let job = store.finish(&job.id, &[]).await.unwrap().unwrap();
    assert_eq!((job.pictures, files(&folder).len()), (1, 1));
    assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(&b"all of it"[..]));
}

#[tokio::test]
async fn files_that_a_crash_left_are_swept_and_those_of_jobs_are_not() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    store.claim().await.unwrap().unwrap();
    let job = store.picture_done(&job.id, 0, b"png".to_vec()).await.unwrap().unwrap();
    let kept = files(&folder);
    for name in [".tmpXYZ", &format!("{}.png", "0".repeat(64))] {
        std::fs::write(folder.path().join("pictures").join(name), "half a pic").unwrap();
    }
    drop(store);
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(files(&folder), kept);
    assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(&b"png"[..]));
}

#[tokio::test]
async fn a_picture_of_a_job_that_was_cancelled_or_deleted_meanwhile_leaves_no_file() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let (cancelled, deleted) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    store.claim().await.unwrap().unwrap();
    store.claim().await.unwrap().unwrap();
    store.cancel(&owner, &cancelled.id).await.unwrap().unwrap();
    assert!(store.delete(&owner, &deleted.id).await.unwrap());
    for job in [&cancelled, &deleted] {
        assert_eq!(store.picture_done(&job.id, 0, b"late".to_vec()).await.unwrap(), None);
    }
    assert_eq!(files(&folder), Vec::<String>::new());
}
