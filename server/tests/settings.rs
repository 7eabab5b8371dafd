//! What the host tells the server, and what the server tells the host.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use common::studio::request;
use common::{checkpoint, command, stdout};
use serde_json::json;

#[test]
fn flags_come_before_the_environment_before_the_file_before_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("serve.toml");
    let text =
        "max-side = 256\nmax-steps = 20\nmax-jobs = 3\nblocked-word = ['a', 'b']\naddr = '0.0.0.0:80'\n";
    std::fs::write(&file, text).unwrap();
    let print = |arguments: &str| {
        let mut command = command(arguments, &[&"--config", &file]);
        stdout(
            &command
                .env("DENSE_DIFFUSION_MAX_STEPS", "30")
                .env("DENSE_DIFFUSION_MAX_JOBS", "4")
                .output()
                .unwrap(),
        )
    };
    let printed = print("serve --max-jobs 5 --print-config");
    for line in [
        "max-side = 256 # file",
        "max-steps = 30 # environment",
        "max-jobs = 5 # flag",
        "max-samples = 4 # default",
        "addr = \"0.0.0.0:80\" # file",
        "blocked-word = [\"a\", \"b\"] # file",
        "# public-url is not set",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "no {line:?} in {printed}");
    }
    // What is printed is such a file.
    std::fs::write(&file, &printed).unwrap();
    let again = print("serve --print-config");
    assert!(
        again.contains("max-jobs = 4 # environment") && again.contains("max-samples = 4 # file"),
        "{again}"
    );

    for (text, part) in
        [("max-sides = 1", "max-sides"), ("max-side = 1.5", "max-side"), ("max-side =", "line 1")]
    {
        std::fs::write(&file, text).unwrap();
        let line = common::error_line(&common::run("serve --print-config", &[&"--config", &file]));
        assert!(line.contains(part) && line.contains("serve.toml"), "{line}");
    }
}

#[test]
fn a_value_that_is_refused_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("serve.toml");
    let said = |text: &str, variable: Option<&str>, flags: &str| {
        std::fs::write(&file, text).unwrap();
        let mut command = command(&format!("serve --print-config {flags}"), &[&"--config", &file]);
        let output =
            command.envs(variable.map(|value| ("DENSE_DIFFUSION_MAX_SIDE", value))).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let told = said("max-side = '768px'", None, "");
    assert!(told.contains("serve.toml") && told.contains("768px"), "{told}");
    let told = said("", Some("abc"), "");
    assert!(told.contains("the variable DENSE_DIFFUSION_MAX_SIDE") && told.contains("abc"), "{told}");
    let told = said("", Some("512"), "--max-side abc");
    assert!(!told.contains("the variable") && told.contains("abc"), "{told}");
}

#[test]
fn the_example_settings_are_understood() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hosting/serve.toml");
    let printed = stdout(&common::run("serve --print-config", &[&"--config", &example]));
    assert!(printed.contains("public-url = \"https://paint.example\" # file"), "{printed}");
}

#[test]
fn a_bucket_that_is_none_or_has_no_keys_is_refused_in_words() {
    for (url, part) in [("pictures", "s3://"), ("s3:///x", "s3://"), ("s3://studio", "AWS_SECRET_ACCESS_KEY")]
    {
        let mut command = command(&format!("serve --addr 127.0.0.1:0 --pictures {url}"), &[]);
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("pkg")).unwrap();
        std::fs::write(folder.path().join("pkg/dense-diffusion.wasm"), "").unwrap();
        let output = command.arg("--site").arg(folder.path()).output().unwrap();
        let line = common::error_line(&output);
        assert!(line.contains(part) && line.contains(url), "{line}");
    }
}

#[test]
fn a_password_that_is_typed_is_not_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = folder.join("../target/python/bin/python");
    assert!(python.exists(), "`cargo xtask setup` fetches the Python packages of the tests");
    let mut terminal = Command::new(python);
    terminal.arg(folder.join("tests/password.py")).args([
        env!("CARGO_BIN_EXE_dense-diffusion"),
        "password",
        "ada",
    ]);
    let seen = stdout(&terminal.output().unwrap());
    assert!(seen.contains("ada:$argon2id$") && !seen.contains("horse"), "{seen}");
}

#[test]
fn the_log_says_which_request_and_which_job_in_json_if_that_is_wanted() {
    let (data, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(site.path().join("pkg")).unwrap();
    std::fs::write(site.path().join("pkg/dense-diffusion.wasm"), "").unwrap();
    let model = checkpoint("shallow");
    let mut command = command(
        "serve --addr 127.0.0.1:0 --log-format json",
        &[&"--data", &data.path(), &"--site", &site.path(), &"--model", &model],
    );
    let command = command.env("RUST_LOG", "info").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let reply = ureq::get(format!("{url}/healthz")).call().unwrap();
    let id = reply.headers()["x-request-id"].to_str().unwrap().to_owned();
    let jobs = format!("{url}{}/jobs", api::ROOT);
    let taken = ureq::post(&jobs).send_json(request(1)).unwrap();
    let cookie = taken.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let job: api::Job = taken.into_body().read_json().unwrap();
    let get = |url: String| ureq::get(url).header("cookie", &cookie).call().unwrap();
    let events = get(format!("{jobs}/{}/events", job.id.0)).body_mut().read_to_string().unwrap();
    assert!(events.contains("done"));
    let done: api::Job = get(format!("{jobs}/{}", job.id.0)).body_mut().read_json().unwrap();
    let token = done.share.unwrap();
    get(format!("{url}/shared/{token}"));
    get(format!("{url}{}/shared/{token}/pictures/0", api::ROOT));
    process.kill().unwrap();
    let mut log = String::new();
    process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    process.wait().unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let lines: Vec<_> = lines.collect();
    let said = |message: &str| lines.iter().find(|line| line["message"] == message).unwrap();
    let (answered, ended) = (said("answered"), said("it is over"));
    assert_eq!((&answered["span"]["id"], &answered["span"]["path"]), (&json!(id), &json!("/healthz")));
    assert_eq!(answered["status"], 200);
    let has_path = |path: &str| lines.iter().any(|line| line["span"]["path"] == path);
    assert!(has_path("/shared/…") && has_path("/api/v1/shared/…/pictures/0"), "{log}");
    assert!(!log.contains(&token), "whoever has it sees the pictures");
    let span = &ended["span"];
    assert_eq!(
        (&span["name"], &span["id"], &ended["end"]),
        (&json!("job"), &json!(job.id.0), &json!("done"))
    );
}
