//! A disk that fills, a database that is locked, a storage that does not answer, a model that fails in the middle: a clear
//! answer, and the queue goes on.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "../../crates/jobs/tests/common/s3.rs"]
#[allow(dead_code, reason = "the tests of crates/jobs use the rest")]
mod s3;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use api::State;
use axum::http::StatusCode;
use common::studio::{Reply, Studio, at_step, request};
use common::{checkpoint, copied};
use s3::S3;
use serde_json::{Value, json};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::runtime::Runtime;

/// What no client should read of.
const INSIDE: [&str; 6] = ["sqlite", "SQLITE", "os error", "/tmp", "http:", "S3"];

/// A refusal that says in words that it passes, and when to ask again.
fn passes(reply: &Reply, status: u16) -> String {
    let message = reply.refused(status).message;
    assert!((1..=60).contains(&reply.header("retry-after").unwrap().parse::<u64>().unwrap()));
    assert!(!INSIDE.iter().any(|part| message.contains(part)), "{message}");
    message
}

#[test]
fn a_database_that_is_locked_is_told_and_all_goes_on_when_it_is_free() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(200));
    client.events(&job).reach(at_step(1));
    let options = SqliteConnectOptions::new().filename(data.path().join("jobs.sqlite"));
    let runtime = Runtime::new().unwrap();
    let mut holder = runtime.block_on(options.connect()).unwrap();
    runtime.block_on(sqlx::query("BEGIN EXCLUSIVE").execute(&mut holder)).unwrap();
    let message = passes(&client.post("/jobs", &request(1)), 503);
    assert!(message.contains("database"), "{message}");
    assert_eq!(client.job(&job).id, job.id, "what is only read is there");
    assert_eq!(client.get("!/").status, 200);
    runtime.block_on(sqlx::query("ROLLBACK").execute(&mut holder)).unwrap();
    let next = client.submit(&request(1));
    assert_eq!(client.end(&job).state, State::Done, "whenever it came to its end");
    assert_eq!(client.end(&next).state, State::Done);
    assert_eq!(client.history().len(), 2, "the refused one is not there");
}

#[test]
fn a_log_that_cannot_be_written_keeps_nobody_from_painting() {
    let data = tempfile::tempdir().unwrap();
    let full = |mut command: Command| {
        command.env("RUST_LOG", "info").stderr(fs::File::options().write(true).open("/dev/full").unwrap());
        command
    };
    let studio = Studio::wrapped("", data.path(), &checkpoint("shallow"), full);
    let mut client = studio.client();
    let job = client.submit(&request(1));
    assert_eq!(client.end(&job).state, State::Done);
}

#[test]
fn an_address_longer_than_any_file_leads_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    let long = "a".repeat(300);
    for path in [
        format!("!/{long}"),
        format!("!/pkg/0123/{long}"),
        format!("!/shared/{long}"),
        format!("/jobs/{long}"),
    ] {
        assert_eq!(client.get(&path).status, 404, "{path}");
    }
}

/// The server with its data folder as a small disk of its own; `None` where this system lets nobody make one.
fn with_small_disk(data: &Path) -> Option<Studio> {
    const MOUNT: &str = r#"mount -t tmpfs -o size=3m none "$0" && exec "$@""#;
    let unshare = |data: &Path| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", MOUNT]).arg(data);
        command
    };
    let can = unshare(data).arg("true").output().is_ok_and(|output| output.status.success());
    can.then(|| {
        Studio::wrapped("", data, &checkpoint("shallow"), |plain| {
            let mut command = unshare(data);
            command.arg(plain.get_program()).args(plain.get_args());
            command
        })
    })
}

/// Writes until nothing more can be written.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for size in [1 << 16, 1] {
        let error = loop {
            if let Err(error) = file.write_all(&vec![0; size]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}

#[test]
fn a_disk_that_is_full_is_told_and_all_goes_on_when_there_is_room() {
    let data = tempfile::tempdir().unwrap();
    let Some(studio) = with_small_disk(data.path()) else {
        println!("not tried: this system lets nobody mount a disk");
        return;
    };
    let mut client = studio.client();
    let done = client.submit(&request(1));
    assert_eq!(client.end(&done).state, State::Done);
    let running = client.submit(&request(100));
    client.events(&running).reach(at_step(1));
    let disk = format!("/proc/{}/root{}", studio.id(), data.path().display());
    let filler = Path::new(&disk).join("filler");
    fill(&filler);
    let message = passes(&client.post("/jobs", &request(1)), 507);
    assert!(message.contains("full"), "{message}");
    assert_eq!(client.picture(&done, 0).status, 200, "what is there is there");
    fs::remove_file(&filler).unwrap();
    match client.end(&running).state {
        State::Done => {}
        State::Failed { reason } => assert!(reason.contains("full"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let next = client.submit(&request(1));
    assert_eq!(client.end(&next).state, State::Done);
}

#[test]
fn pictures_lie_in_a_bucket_and_one_that_does_not_answer_is_told() {
    let (runtime, data) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let s3 = runtime.block_on(S3::start());
    let flags = format!("--pictures s3://studio/pictures --s3-endpoint {}", s3.url());
    let studio = Studio::wrapped(&flags, data.path(), &checkpoint("shallow"), |mut command| {
        command.env("AWS_ACCESS_KEY_ID", "the host").env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    });
    let mut client = studio.client();
    let job = client.submit(&request(1));
    let done = client.end(&job);
    let picture = client.picture(&done, 0);
    assert_eq!((done.state, image::load_from_memory(&picture.body).unwrap().width()), (State::Done, 64));
    assert_eq!(s3.names().len(), 1);
    assert!(!data.path().join("pictures").exists());

    s3.refuse(Some(StatusCode::SERVICE_UNAVAILABLE));
    let message = passes(&client.picture(&job, 0), 503);
    assert!(message.contains("storage"), "{message}");
    let lost = client.submit(&request(1));
    let State::Failed { reason } = client.end(&lost).state else { panic!("not failed") };
    assert!(reason.contains("storage") && !INSIDE.iter().any(|part| reason.contains(part)), "{reason}");

    s3.refuse(None);
    assert_eq!(client.picture(&job, 0).body, picture.body);
    let next = client.submit(&request(2));
    assert_eq!((client.end(&next).state, s3.names().len()), (State::Done, 2));
    assert_eq!((client.delete(&next).status.as_u16(), s3.names().len()), (204, 1));
}

/// A copy of the checkpoint `shallow` in which the weights of one letter are damaged.
fn brittle(folder: &Path, letter: &str) -> std::path::PathBuf {
    let model = copied("shallow", folder);
    let tokenizer: Value =
        serde_json::from_slice(&fs::read(model.join("tokenizer/tokenizer.json")).unwrap()).unwrap();
    let id = tokenizer["model"]["vocab"][format!("{letter}</w>")].as_u64().unwrap() as usize;
    let path = model.join("text_encoder/model.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let table =
        header.as_object().unwrap().iter().find(|(name, _)| name.contains("token_embedding")).unwrap().1;
    let number = |at: &str| table.pointer(at).unwrap().as_u64().unwrap() as usize;
    let (start, end, rows) = (number("/data_offsets/0"), number("/data_offsets/1"), number("/shape/0"));
    let row = (end - start) / rows;
    let at = 8 + length + start + id * row;
    // No number in any of the types of weights, which are not all looked through at the start.
    bytes[at..at + row].fill(0xff);
    fs::write(&path, bytes).unwrap();
    model
}

#[test]
fn a_model_that_fails_in_the_middle_fails_that_job_alone() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let studio = Studio::with("", data.path(), &brittle(folder.path(), "z"));
    let mut client = studio.client();
    let mut wanted = request(3);
    wanted["regions"] = json!([{ "text": "a desert" }, { "text": "z" }]);
    let (bad, good) = (client.submit(&wanted), client.submit(&request(3)));
    let State::Failed { reason } = client.end(&bad).state else { panic!("not failed") };
    assert!(!INSIDE.iter().any(|part| reason.contains(part)), "{reason}");
    assert_eq!(client.end(&good).state, State::Done);
    assert_eq!(client.get("!/readyz").status, 200);
}
