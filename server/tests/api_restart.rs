//! A server that ends, and the next one on its data folder.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs::File;

use api::{Event, State};
use common::checkpoint;
use common::studio::{Client, Sent, Studio, at_step, endless, request};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

#[test]
fn after_a_crash_in_the_middle_of_a_job_it_and_those_behind_it_are_painted_in_their_order() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let (mut one, mut other) = (studio.client(), studio.client());
    let kept = one.submit(&request(1));
    one.end(&kept);
    let picture = one.picture(&kept, 0).body;
    let running = one.submit(&endless());
    one.events(&running).reach(at_step(2));
    // The clients take turns.
    let third = one.submit(&endless());
    let second = other.submit(&endless());
    studio.kill();

    let studio = Studio::start(data.path());
    let one = studio.returning(one);
    let other = studio.returning(other);
    assert!(one.picture(&kept, 0).body == picture, "what was done is still there");
    one.events(&running).reach(at_step(1));
    assert_eq!(other.job(&second).state, State::Waiting { ahead: 1 });
    assert_eq!(one.job(&third).state, State::Waiting { ahead: 2 });
    one.cancel(&running);
    other.events(&second).reach(at_step(1));
    assert_eq!(one.job(&third).state, State::Waiting { ahead: 1 });
    other.cancel(&second);
    one.events(&third).reach(at_step(1));
}

#[test]
fn a_job_is_begun_anew_however_often_the_server_was_asked_to_end() {
    let data = tempfile::tempdir().unwrap();
    let mut studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&endless());
    // More often than a job may end the server; a terminal that is closed asks, too.
    for signal in ["TERM", "HUP", "INT", "HUP"] {
        let mut events = client.events(&job);
        events.reach(at_step(1));
        assert!(studio.signal(signal));
        let is_end = |sent: &Sent| matches!(&sent.event, Event::Job(job) if job.state.is_final());
        assert!(!events.any(|sent| is_end(&sent)), "it did not end for its client");
        studio = Studio::start(data.path());
        client = studio.returning(client);
    }
    client.events(&job).reach(at_step(1));
}

#[test]
fn a_job_that_ends_the_server_three_times_fails_with_the_reason() {
    let (data, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = logs.path().join("log");
    let start = || {
        let flags = "--max-steps 1000 --metrics-addr 127.0.0.1:0";
        Studio::wrapped(flags, data.path(), &checkpoint("shallow"), |mut command| {
            command
                .env_remove("RUST_LOG")
                .stderr(File::options().create(true).append(true).open(&log).unwrap());
            command
        })
    };
    let mut studio = start();
    let mut client = studio.client();
    let job = client.submit(&endless());
    let next = client.submit(&request(1));
    for _ in 0..3 {
        client.events(&job).reach(at_step(0));
        studio.kill();
        studio = start();
        client = studio.returning(client);
    }
    let log = std::fs::read_to_string(&log).unwrap();
    let warned = |what: &str| {
        let is_it = |line: &&str| line.contains("WARN") && line.contains(&job.id.0) && line.contains(what);
        log.lines().filter(is_it).count()
    };
    assert_eq!((warned("it waits again"), warned("it failed")), (2, 1), "{log}");
    assert!(studio.metrics().contains("dense_diffusion_jobs_total{end=\"failed\"} 1"));
    let State::Failed { reason } = client.end(&job).state else { panic!("not failed") };
    assert!(reason.contains("3 times"), "{reason}");
    assert_eq!(client.end(&next).state, State::Done);
}

#[test]
fn a_data_folder_has_one_server_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let _studio = Studio::start(data.path());
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(site.path().join("pkg/0123")).unwrap();
    std::fs::write(site.path().join("pkg/0123/dense-diffusion.wasm"), "").unwrap();
    let (model, folder) = (checkpoint("shallow"), data.path());
    let arguments: [&dyn AsRef<std::ffi::OsStr>; 6] =
        [&"--data", &folder, &"--model", &model, &"--site", &site.path()];
    let line = common::error_line(&common::run("serve --addr 127.0.0.1:0", &arguments));
    assert!(line.contains(&folder.display().to_string()) && line.contains("another server"), "{line}");
    assert!(line.contains("--data"), "{line}");
}

#[test]
fn a_server_that_is_asked_to_end_while_it_loads_its_model_ends_well() {
    let data = tempfile::tempdir().unwrap();
    // From the first moment on until the model is there.
    for looks in 0.. {
        let studio = Studio::start(data.path());
        let client = studio.client();
        let ready = (0..=8 * looks)
            .any(|_| client.try_ask("GET", "/model", &[], None).is_some_and(|it| it.status == 200));
        assert!(studio.interrupt(), "after {looks} looks");
        if ready {
            return;
        }
    }
}

#[test]
fn what_is_older_than_the_host_keeps_is_deleted_and_the_rest_stays() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let ended = |client: &mut Client| {
        let job = client.submit(&request(1));
        assert_eq!(client.end(&job).state, State::Done);
        job
    };
    let (old, new) = (ended(&mut client), ended(&mut client));
    assert!(studio.interrupt());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(data.path().join("jobs.sqlite"));
        let mut database = options.connect().await.unwrap();
        let age = "UPDATE jobs SET ended = ended - 2 * 24 * 60 * 60 * 1000 WHERE id = ?";
        sqlx::query(age).bind(&old.id.0).execute(&mut database).await.unwrap();
    });
    let gone = |client: &Client, job: &api::Job| {
        while client.get(&format!("/jobs/{}", job.id.0)).status == 200 {}
    };
    let with = |flags: &str| {
        let flags = format!("--requests-per-minute 0 {flags}");
        Studio::with(&flags, data.path(), &checkpoint("shallow"))
    };
    let studio = with("--keep-days 3");
    client = studio.returning(client);
    // It paints, so that it has looked around before.
    let newest = ended(&mut client);
    assert_eq!([&old, &new].map(|job| client.job(job).state), [State::Done, State::Done]);
    assert!(studio.interrupt());
    let studio = with("--keep-days 1");
    client = studio.returning(client);
    gone(&client, &old);
    assert_eq!([&new, &newest].map(|job| client.job(job).state), [State::Done, State::Done]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_to_outlive_its_terminal_does() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::wrapped("", data.path(), &checkpoint("shallow"), |plain| {
        // As `nohup` does.
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
            .arg(plain.get_program())
            .args(plain.get_args());
        command.env("DENSE_DIFFUSION_GRAPH_CACHE", "off").env("DENSE_DIFFUSION_TOGETHER", "1");
        command
    });
    let mut client = studio.client();
    let hang_up = std::process::Command::new("kill").args(["-s", "HUP", &studio.id().to_string()]).status();
    assert!(hang_up.unwrap().success());
    let job = client.submit(&request(1));
    assert_eq!(client.end(&job).state, State::Done);
    assert!(studio.interrupt());
}
