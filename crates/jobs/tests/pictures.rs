//! What every store does with pictures, wherever they lie.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use axum::http::StatusCode;
use common::s3::S3;
use common::{claimed, files, new_job, submitted, taken};
use jobs::{Job, Owner, Place, Status, Store, Trouble};
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

    /// The database, as another process sees it.
    async fn database(&self) -> SqlitePool {
        let path = self.folder.path().join("jobs.sqlite");
        SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap()
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

/// A job that is done, with one picture.
async fn done(store: &Store, owner: &Owner, png: &[u8]) -> Job {
    submitted(store, owner, "1").await;
    let lease = claimed(store).await.lease;
    store.picture_done(&lease, 0, png.to_vec()).await.unwrap().unwrap();
    store.finish(&lease, &[]).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_picture_is_read_as_it_was_written_by_whoever_opens_the_store() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let png: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let job = done(&store, &owner, &png).await;
        assert_eq!(store.picture(&job, 0).await.unwrap(), Some(png.clone()));
        drop(store);
        let store = home.open().await;
        let job = store.find(&owner, &job.id).await.unwrap().unwrap();
        assert_eq!((job.status.clone(), store.picture(&job, 0).await.unwrap()), (Status::Done, Some(png)));
        let [name] = &home.names()[..] else { panic!("{:?}", home.names()) };
        assert!(name.contains(job.id.as_str()) && name.ends_with(".png"), "{name}");
    }
}

#[tokio::test]
async fn of_equal_pictures_each_is_its_own_jobs() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let jobs = [done(&store, &owner, b"the same").await, done(&store, &owner, b"the same").await];
        assert_eq!(home.names().len(), 2);
        assert!(store.delete(&owner, &jobs[0].id).await.unwrap());
        assert_eq!(store.picture(&jobs[0], 0).await.unwrap(), None);
        assert_eq!(store.picture(&jobs[1], 0).await.unwrap().as_deref(), Some(&b"the same"[..]));
        assert!(store.delete(&owner, &jobs[1].id).await.unwrap());
        assert_eq!(home.names(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_job_is_deleted_though_its_file_cannot_be_removed_yet() {
    let [_, home] = Home::both().await;
    let (store, owner) = (home.open().await, Owner::random());
    let job = done(&store, &owner, b"png").await;
    let s3 = home.s3.as_ref().unwrap();
    s3.refuse(Some(StatusCode::FORBIDDEN));
    assert!(store.delete(&owner, &job.id).await.unwrap());
    assert_eq!(store.find(&owner, &job.id).await.unwrap(), None);
    s3.refuse(None);
    assert_eq!(home.names().len(), 1);
    drop(store);
    drop(home.open().await);
    assert_eq!(home.names(), Vec::<String>::new(), "the next start removes it");
}

#[tokio::test]
async fn a_file_that_jobs_of_an_older_version_share_stays_as_long_as_one_has_it() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let jobs = [done(&store, &owner, b"1").await, done(&store, &owner, b"2").await];
        // It was named by its content.
        let name = "0".repeat(64);
        let rename = sqlx::query("UPDATE pictures SET name = ?").bind(&name);
        assert_eq!(rename.execute(&home.database().await).await.unwrap().rows_affected(), 2);
        home.put(&format!("{name}.png"));
        drop(store);
        let store = home.open().await;
        assert_eq!(home.names().len(), 1, "the others are nobody's now");
        assert!(store.delete(&owner, &jobs[0].id).await.unwrap());
        assert_eq!(store.picture(&jobs[1], 0).await.unwrap().as_deref(), Some(&b"half a pic"[..]));
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
        // Of this version, and of an older one.
        for name in [format!("{0}-0-{0}.png", "0".repeat(32)), format!("{}.png", "0".repeat(64))] {
            home.put(&name);
            if home.s3.is_none() {
                // Written by halves; in a bucket there is no such thing.
                home.put(&format!("{name}#1"));
            }
        }
        drop(store);
        let store = home.open().await;
        assert_eq!(home.names(), kept);
        assert_eq!(store.picture(&job, 0).await.unwrap().as_deref(), Some(&b"png"[..]));
    }
}

#[tokio::test]
async fn pictures_without_the_database_that_names_them_are_not_swept() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        let job = done(&store, &owner, b"png").await;
        drop(store);
        let (there, away) = (home.folder.path().join("jobs.sqlite"), home.folder.path().join("backup"));
        std::fs::rename(&there, &away).unwrap();
        let place = home.s3.as_ref().map_or(Place::Folder, S3::place);
        let error = Store::open(home.folder.path(), &place).await.unwrap_err();
        assert!(error.to_string().contains("there are 1 pictures"), "{error}");
        // As a copy leaves it that failed.
        std::fs::write(&there, []).unwrap();
        let error = Store::open(home.folder.path(), &place).await.unwrap_err();
        assert!(error.to_string().contains("there are 1 pictures"), "{error}");
        std::fs::rename(&away, &there).unwrap();
        assert_eq!(home.open().await.picture(&job, 0).await.unwrap().as_deref(), Some(&b"png"[..]));
    }
}

#[tokio::test]
async fn a_folder_among_the_pictures_stays_there() {
    let [home, _] = Home::both().await;
    // As where a disk of its own is mounted there, from the first start on.
    let folder = home.folder.path().join("pictures/lost+found");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{}.png", "0".repeat(64))), "none of ours").unwrap();
    drop(home.open().await);
    drop(home.open().await);
    assert!(folder.is_dir());
}

#[tokio::test]
async fn what_else_lies_among_the_pictures_stays_there() {
    for home in Home::both().await {
        drop(home.open().await);
        let camera = "123e4567-e89b-12d3-a456-426614174000.png";
        for file in ["notes.txt", "holiday.jpg", "holiday.png", "holiday.png#1", camera] {
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
        assert!(store.cancel(&cancelled.id, Some(&owner)).await.unwrap());
        assert!(store.delete(&owner, &deleted.id).await.unwrap());
        for lease in &leases {
            assert_eq!(store.picture_done(lease, 0, b"late".to_vec()).await.unwrap(), None);
        }
        assert_eq!(home.names(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_picture_that_comes_while_its_job_is_deleted_leaves_no_file() {
    for home in Home::both().await {
        let (store, owner) = (home.open().await, Owner::random());
        for _ in 0..20 {
            let job = submitted(&store, &owner, "1").await;
            let lease = claimed(&store).await.lease;
            let (kept, deleted) =
                tokio::join!(store.picture_done(&lease, 0, b"png".to_vec()), store.delete(&owner, &job.id));
            kept.unwrap();
            assert!(deleted.unwrap());
            assert_eq!(home.names(), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn a_bucket_that_removes_slowly_keeps_nobody_from_painting() {
    let [_, home] = Home::both().await;
    let (store, owner, s3) = (Arc::new(home.open().await), Owner::random(), home.s3.as_ref().unwrap());
    let old = done(&store, &owner, b"old").await;
    submitted(&store, &owner, "2").await;
    let lease = claimed(&store).await.lease;
    let held = s3.hold_removals().await;
    let deletion = tokio::spawn({
        let (store, owner) = (Arc::clone(&store), owner.clone());
        async move { store.delete(&owner, &old.id).await }
    });
    s3.removal().await;
    let job = store.picture_done(&lease, 0, b"new".to_vec()).await.unwrap().unwrap();
    assert_eq!(job.pictures, 1);
    assert!(!deletion.is_finished(), "the bucket has not removed anything yet");
    drop(held);
    assert!(deletion.await.unwrap().unwrap());
    assert_eq!(home.names().len(), 1);
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
        let other = home.database().await;
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'no'); END";
        sqlx::query(refuse).execute(&other).await.unwrap();
        store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap_err();
        assert_eq!(home.names(), Vec::<String>::new());
    }
}
