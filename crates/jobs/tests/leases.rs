//! What becomes of a job whose painter is not heard of any more; the time is the test's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{ANY, status, store, submitted};
use jobs::{ClaimLimits, Claimed, Owner, Place, Status, Store};

const LIMITS: ClaimLimits = ClaimLimits { lease: Some(Duration::from_secs(60)), ..ANY };
const SECOND: i64 = 1000;

async fn claim(store: &Store, now: i64) -> Claimed {
    store.claim(LIMITS, now).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_lease_lasts_so_long_and_begins_anew_when_it_is_renewed() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    let lease = claim(&store, 0).await.lease;
    assert_eq!(store.requeue(Some(59 * SECOND), &[]).await.unwrap(), []);
    assert!(store.renew(&lease, LIMITS, 59 * SECOND).await.unwrap());
    assert_eq!(store.requeue(Some(118 * SECOND), &[]).await.unwrap(), []);
    assert_eq!(status(&store, &owner, &job).await, Status::Running);
    assert_eq!(store.requeue(Some(119 * SECOND), &[]).await.unwrap(), std::slice::from_ref(&job.id));
    assert_eq!(status(&store, &owner, &job).await, Status::Waiting { ahead: 0 });
    assert!(!store.renew(&lease, LIMITS, 119 * SECOND).await.unwrap());
}

#[tokio::test]
async fn a_job_whose_lease_runs_out_is_taken_up_three_times_and_then_fails_with_the_reason() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let (first, second) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    for attempt in 1..=3 {
        let now = 100 * SECOND * attempt;
        assert_eq!(claim(&store, now).await.job.id, first.id, "attempt {attempt}, at its old place");
        assert_eq!(
            store.requeue(Some(now + 60 * SECOND), &[]).await.unwrap(),
            std::slice::from_ref(&first.id)
        );
    }
    let Status::Failed { reason } = status(&store, &owner, &first).await else { panic!("not failed") };
    assert!(reason.contains("3 times"), "{reason}");
    assert_eq!(claim(&store, 0).await.job.id, second.id);
}

#[tokio::test]
async fn whoever_comes_after_its_lease_has_run_out_changes_nothing_for_who_has_the_job_now() {
    let (folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    let late = claim(&store, 0).await.lease;
    store.requeue(Some(60 * SECOND), &[]).await.unwrap();
    let lease = claim(&store, 61 * SECOND).await.lease;
    assert_eq!(store.picture_done(&late, 0, b"late".to_vec()).await.unwrap(), None);
    assert_eq!(store.finish(&late, &[]).await.unwrap(), None);
    assert_eq!(store.fail(&late, "late").await.unwrap(), None);
    assert!(!store.renew(&late, LIMITS, 61 * SECOND).await.unwrap());
    store.release(&late).await.unwrap();
    assert_eq!(status(&store, &owner, &job).await, Status::Running);
    assert_eq!(common::files(&folder), Vec::<String>::new());
    store.picture_done(&lease, 0, b"in time".to_vec()).await.unwrap().unwrap();
    let done = store.finish(&lease, &[]).await.unwrap().unwrap();
    assert_eq!(store.picture(&done, 0).await.unwrap().as_deref(), Some(&b"in time"[..]));
}

#[tokio::test]
async fn who_lost_track_of_one_job_takes_up_that_one_and_no_others() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let (lost, held) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    claim(&store, 0).await;
    let lease = claim(&store, 0).await.lease;
    assert_eq!(
        store.requeue(None, std::slice::from_ref(&lease)).await.unwrap(),
        std::slice::from_ref(&lost.id)
    );
    assert_eq!(status(&store, &owner, &held).await, Status::Running);
    assert!(store.finish(&lease, &[]).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lease_is_as_long_for_whoever_opens_the_store_next() {
    let (folder, first) = store().await;
    let owner = Owner::random();
    let job = submitted(&first, &owner, "1").await;
    let lease = claim(&first, 0).await.lease;
    drop(first);
    let store = Store::open(folder.path(), &Place::Folder).await.unwrap();
    assert_eq!(store.requeue(Some(59 * SECOND), &[]).await.unwrap(), []);
    assert!(store.renew(&lease, LIMITS, SECOND).await.unwrap());
    assert_eq!(store.requeue(Some(61 * SECOND), &[]).await.unwrap(), [job.id]);
}

#[tokio::test]
async fn without_a_time_a_lease_ends_with_its_server_alone() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "1").await;
    store.claim(ANY, 0).await.unwrap().unwrap();
    assert_eq!(store.requeue(Some(i64::MAX - 1), &[]).await.unwrap(), []);
    store.requeue(None, &[]).await.unwrap();
    assert_eq!(status(&store, &owner, &job).await, Status::Waiting { ahead: 0 });
}
