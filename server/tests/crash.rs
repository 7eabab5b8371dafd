//! The server is ended by force again and again, under load.
//!
//! The short form runs with the other tests; `DENSE_DIFFUSION_CRASHES=100 cargo test -p server --test crash` is the full
//! one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use api::{Job, State};
use common::studio::{Client, Studio, request};
use common::{checkpoint, files};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

const CLIENTS: usize = 4;
const FLAGS: &str = "--jobs-per-minute 0 --requests-per-minute 0 --lease 60";

/// Jobs that were taken in, by the keys they were sent with.
type Accepted = HashMap<String, Job>;

/// Submits until the server is gone; whoever got no answer sends the same again the next time.
fn submit(client: &Client, name: &str, accepted: &mut Accepted, gone: &AtomicBool) {
    while !gone.load(Ordering::Relaxed) && submit_one(client, name, accepted) {
        if let Some(job) = accepted.values().next() {
            whole(client, job);
        }
    }
}

/// Submits what comes after all that was taken in; false if there is no answer.
fn submit_one(client: &Client, name: &str, accepted: &mut Accepted) -> bool {
    let n = accepted.len();
    let (key, mut wanted) = (format!("{name}-{n}"), request(1 + n as u32 % 3));
    wanted["seed"] = n.into();
    let headers = [("idempotency-key", key.as_str())];
    let Some(reply) = client.try_ask("POST", "/jobs", &headers, Some(&wanted.to_string())) else {
        return false;
    };
    match reply.status.as_u16() {
        200 | 201 => drop(accepted.insert(key, serde_json::from_slice(&reply.body).unwrap())),
        // As many as it may have.
        429 => std::thread::yield_now(),
        status => panic!("{status}: {}", reply.text()),
    }
    true
}

/// Whatever picture is served is whole.
fn whole(client: &Client, job: &Job) {
    let path = format!("/jobs/{}/pictures/0", job.id.0);
    let Some(reply) = client.try_ask("GET", &path, &[], None) else { return };
    match reply.status.as_u16() {
        200 => assert_eq!(image::load_from_memory(&reply.body).unwrap().width(), 64),
        404 => {}
        status => panic!("{status}: {}", reply.text()),
    }
}

/// The files of the pictures that jobs have, in a database that is not damaged; each has all its bytes.
async fn known(data: &Path) -> Vec<String> {
    let mut database =
        SqliteConnectOptions::new().filename(data.join("jobs.sqlite")).connect().await.unwrap();
    let query = sqlx::query_scalar("PRAGMA integrity_check");
    let found: Vec<String> = query.fetch_all(&mut database).await.unwrap();
    assert_eq!(found, ["ok"]);
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut database).await.unwrap();
    assert!(orphans.is_empty(), "{} rows refer to none", orphans.len());
    let query = "SELECT name || '.png', bytes FROM pictures ORDER BY 1";
    let pictures: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(&mut database).await.unwrap();
    for (file, bytes) in &pictures {
        let length = std::fs::metadata(data.join("pictures").join(file)).unwrap().len();
        assert_eq!(length, bytes.cast_unsigned(), "{file}");
    }
    pictures.into_iter().map(|(file, _)| file).collect()
}

/// Puts in order what a crash left, as the next server does when it starts: no picture is lacking, and none is left over.
async fn put_in_order(data: &Path) {
    let _store = jobs::Store::open(data, &jobs::Place::Folder).await.unwrap();
    assert_eq!(files(&data.join("pictures")), known(data).await);
}

async fn in_order(data: &Path) {
    let kept = files(&data.join("pictures"));
    let _store = jobs::Store::open(data, &jobs::Place::Folder).await.unwrap();
    assert_eq!(files(&data.join("pictures")), kept, "there was nothing to sweep");
    assert_eq!(known(data).await, kept);
}

#[test]
fn however_often_the_server_is_ended_by_force_every_job_ends_once_with_its_picture_or_its_reason() {
    let crashes = std::env::var("DENSE_DIFFUSION_CRASHES").map_or(4, |count| count.parse().unwrap());
    let data = tempfile::tempdir().unwrap();
    let mut clients: Vec<(Client, Accepted)> = Vec::new();
    let mut most = Duration::from_millis(1500);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for crash in 0..=crashes {
        let studio = Studio::with(FLAGS, data.path(), &checkpoint("shallow"));
        let known = clients.len();
        clients =
            clients.into_iter().map(|(client, accepted)| (studio.returning(client), accepted)).collect();
        clients.extend((known..CLIENTS).map(|_| (studio.client().greeted(), Accepted::new())));
        let (gone, started) = (AtomicBool::new(false), Instant::now());
        // At a moment drawn anew each time, from the start of the server to long after it began to paint.
        let moment = rand::random_range(Duration::ZERO..most);
        println!("crash {crash} after {moment:?}");
        std::thread::scope(|scope| {
            for (n, (client, accepted)) in clients.iter_mut().enumerate() {
                let gone = &gone;
                scope.spawn(move || submit(client, &format!("client-{n}"), accepted, gone));
            }
            let first = studio.client();
            while started.elapsed() < moment {
                first.try_ask("GET", "/model", &[], None);
            }
            gone.store(true, Ordering::Relaxed);
            if crash < crashes {
                studio.kill();
            } else {
                assert!(studio.interrupt());
            }
        });
        // What every other crash leaves is the next server's own affair.
        if crash < crashes && crash % 2 == 0 {
            runtime.block_on(put_in_order(data.path()));
        }
        // Until pictures are there at the time of the crash, and then as long.
        if clients.iter().flat_map(|(_, accepted)| accepted).count() < 2 * CLIENTS {
            most *= 2;
        }
    }
    let studio = Studio::with(FLAGS, data.path(), &checkpoint("shallow"));
    let mut ends = HashMap::new();
    for (n, (client, mut accepted)) in clients.into_iter().enumerate() {
        let client = studio.returning(client);
        // Should it have been taken in without an answer, it is known now.
        assert!(submit_one(&client, &format!("client-{n}"), &mut accepted));
        for job in accepted.values() {
            let end = client.end(job);
            match &end.state {
                State::Done => assert_eq!(client.picture(&end, 0).status, 200),
                State::Failed { reason } => assert!(reason.contains("3 times"), "{reason}"),
                other => panic!("{other:?}"),
            }
            whole(&client, &end);
            *ends.entry(end.state == State::Done).or_insert(0) += 1;
        }
        let all = client.whole_history();
        assert_eq!(all.len(), accepted.len(), "each was taken in once, and nothing that was not asked for");
        assert!(accepted.values().all(|job| all.iter().any(|kept| kept.id == job.id)));
    }
    println!("{crashes} crashes; jobs that are done: {ends:?}");
    assert!(ends[&true] > 0);
    let kept = runtime.block_on(known(data.path()));
    assert_eq!(files(&data.path().join("pictures")), kept, "what the crashes left was swept");
    assert!(studio.interrupt());
    runtime.block_on(in_order(data.path()));
}
