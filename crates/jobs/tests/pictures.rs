//! What every store does with pictures, wherever they lie.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use axum::http::StatusCode;
use common::s3::S3;
use common::{claimed, files, new_job, submitted, taken};
use jobs::{Owner, Place, Status, Store, Trouble};
use sqlx::SqlitePool;
use tempfile::TempDir;

/// A database, and a place for its pictures.
struct Home {
    folder: TempDir,
    s3: Option<S3>,
}

impl Home {
    /// With files, and with a bucket.
    async fn both() -> [Self; 2] {
        let folder = || tempfile::tempdir().unwrap();
        [Self { folder: folder(), s3: None }, Self { folder: folder(), s3: Some(S3::start().await) }]
    }

    async fn open(&self) -> Store {
        let place = self.s3.as_ref().map_or(Place::Folder, S3::place);
        Store::open(self.folder.path(), &place).await.unwrap()
    }

    /// The names of all pictures.
    fn names(&self) -> Vec<String> {
        self.s3.as_ref().map_or_else(|| files(&self.folder), S3::names)
    }

    /// Puts something beside the pictures.
    fn put(&self, name: &str) {
        match &self.s3 {
            None => std::fs::write(self.folder.path().join("pictures").join(name), "half a pic").unwrap(),
            Some(s3) => s3.put(&format!("pictures/of the studio/{name}"), b"half a pic"),
        }
    }
}

#[tokio::test]
async fn a_picture_is_read_as_it_was_written_by_whoever_opens_the_store() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let job = submitted(&store, &owner, "1").await;
        let lease = claimed(&store).await.lease;
        let png: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        store.picture_done(&lease, 0, png.clone()).await.unwrap().unwrap();
        let done = store.finish(&lease, &[]).await.unwrap().unwrap();
        assert_eq!(store.picture(&done, 0).await.unwrap(), Some(png.clone()));
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        drop(store);
        let store = home.open().await;
        let done = store.find(&owner, &job.id).await.unwrap().unwrap();
        assert_eq!((done.status.clone(), store.picture(&done, 0).await.unwrap()), (Status::Done, Some(png)));
        let [name] = &home.names()[..] else { panic!("{:?}", home.names()) };
        assert_eq!(name.rsplit('/').next().unwrap().len(), 64 + ".png".len(), "{name}");
    }
}

#[tokio::test]
async fn a_picture_is_kept_once_and_as_long_as_a_job_has_it() {
    for home in Home::both().await {
        let (store, owner, mut jobs) = (home.open().await, Owner::random(), Vec::new());
        for name in ["1", "2"] {
            submitted(&store, &owner, name).await;
            let lease = claimed(&store).await.lease;
            store.picture_done(&lease, 0, b"the same".to_vec()).await.unwrap().unwrap();
            jobs.push(store.finish(&lease, &[]).await.unwrap().unwrap());
        }
        assert_eq!(home.names().len(), 1);
        assert!(store.delete(&owner, &jobs[0].id).await.unwrap());
        assert_eq!(store.picture(&jobs[1], 0).await.unwrap().as_deref(), Some(&b"the same"[..]));
        assert!(store.delete(&owner, &jobs[1].id).await.unwrap());
        assert_eq!(home.names(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_second_attempt_replaces_what_the_first_left() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        submitted(&store, &owner, "1").await;
        for picture in [&b"half of the way"[..], &b"all of it"[..], &b"all of it"[..]] {
            let lease = claimed(&store).await.lease;
            let job = store.picture_done(&lease, 0, picture.to_vec()).await.unwrap().unwrap();
            assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(picture));
            store.release(&lease).await.unwrap();
        }
        let lease = claimed(&store).await.lease;
        let job = store.finish(&lease, &[]).await.unwrap().unwrap();
        assert_eq!((job.pictures, home.names().len()), (1, 1));
        assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(&b"all of it"[..]));
    }
}

#[tokio::test]
async fn what_a_crash_left_is_swept_and_the_pictures_of_jobs_are_not() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        submitted(&store, &owner, "1").await;
        let lease = claimed(&store).await.lease;
        let job = store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap().unwrap();
        let kept = home.names();
        home.put(&format!("{}.png", "0".repeat(64)));
        if home.s3.is_none() {
            // Written by halves; in a bucket there is no such thing.
            home.put(&format!("{}.png#1", "0".repeat(64)));
        }
        drop(store);
        let store = home.open().await;
        assert_eq!(home.names(), kept);
        assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(&b"png"[..]));
    }
}

#[tokio::test]
async fn a_folder_among_the_pictures_stays_there() {
    let [home, _] = Home::both().await;
    drop(home.open().await);
    let folder = home.folder.path().join("pictures/lost+found");
    std::fs::create_dir(&folder).unwrap();
    drop(home.open().await);
    assert!(folder.is_dir());
}

#[tokio::test]
async fn what_else_lies_among_the_pictures_stays_there() {
    for home in Home::both().await {
        drop(home.open().await);
        for file in ["notes.txt", "holiday.jpg", "holiday.png", "holiday.png#1"] {
            home.put(file);
        }
        if let Some(s3) = &home.s3 {
            s3.put(&format!("elsewhere/{}.png", "0".repeat(64)), b"another studio's");
        }
        let kept = home.names();
        drop(home.open().await);
        assert_eq!(home.names(), kept);
    }
}

#[tokio::test]
async fn a_picture_of_a_job_that_was_cancelled_or_deleted_meanwhile_is_not_kept() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let (cancelled, deleted) =
            (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
        let leases = [claimed(&store).await.lease, claimed(&store).await.lease];
        store.cancel(&owner, &cancelled.id).await.unwrap().unwrap();
        assert!(store.delete(&owner, &deleted.id).await.unwrap());
        for lease in &leases {
            assert_eq!(store.picture_done(lease, 0, b"late".to_vec()).await.unwrap(), None);
        }
        assert_eq!(home.names(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_is_a_trouble_that_passes() {
    let [_, home] = Home::both().await;
    let (store, owner, s3) = (home.open().await, Owner::random(), home.s3.as_ref().unwrap());
    taken(store.submit(&owner, &new_job("1"), common::MUCH).await.unwrap());
    let lease = claimed(&store).await.lease;
    s3.refuse(Some(StatusCode::INSUFFICIENT_STORAGE));
    let error = store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap_err();
    assert_eq!(error.trouble(), Some(Trouble::Away), "{error}");
    s3.refuse(Some(StatusCode::FORBIDDEN));
    let error = store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap_err();
    assert_eq!(error.trouble(), None, "that does not pass by itself: {error}");
    s3.refuse(None);
    let job = store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap().unwrap();
    assert_eq!(job.pictures, 1);
}

#[tokio::test]
async fn a_picture_that_cannot_be_written_down_leaves_no_file() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        submitted(&store, &owner, "1").await;
        let lease = claimed(&store).await.lease;
        let database = home.folder.path().join("jobs.sqlite");
        let other = SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'no'); END";
        sqlx::query(refuse).execute(&other).await.unwrap();
        store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap_err();
        assert_eq!(home.names(), Vec::<String>::new());
    }
}
