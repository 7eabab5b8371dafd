//! Who is let in: by a password, by a token, and how often one may guess.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Write;
use std::process::Stdio;

use api::Job;
use base64::Engine;
use common::studio::{Client, Reply, Studio, request};
use common::{checkpoint, command, stdout};

/// What `dense-diffusion` prints when it is given a line.
fn told(arguments: &str, line: &str) -> String {
    let mut command = command(arguments, &[]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    stdout(&process.wait_with_output().unwrap())
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}")))
}

fn get_as(client: &Client, path: &str, credentials: &str) -> Reply {
    client.ask("GET", path, &[("authorization", credentials)], None)
}

#[test]
fn a_server_with_passwords_lets_in_whoever_has_one() {
    let data = tempfile::tempdir().unwrap();
    let user = told("password ada", "correct horse\n");
    assert!(user.starts_with("ada:$argon2id$"), "{user}");
    let studio = Studio::with(&format!("--user {user}"), data.path(), &checkpoint("shallow"));
    let client = studio.client();
    for path in ["/jobs", "!/", "!/pkg/0123/dense-diffusion.wasm", "/status"] {
        let refused = client.get(path);
        assert_eq!(refused.status, 401, "{path}");
        assert!(refused.header("www-authenticate").unwrap().starts_with("Basic "), "browsers ask for it");
    }
    for (name, password) in [("ada", "wrong"), ("eve", "correct horse"), ("", ""), ("ada", "")] {
        assert_eq!(get_as(&client, "/jobs", &basic(name, password)).status, 401);
    }
    assert_eq!(get_as(&client, "/jobs", "Bearer ada").status, 401);
    assert_eq!(get_as(&client, "/jobs", &basic("ada", "correct horse")).status, 200);
    assert_eq!(get_as(&client, "!/", &basic("ada", "correct horse")).status, 200);
    assert_eq!(client.get("!/healthz").status, 200, "that may be asked by anybody");

    let tries = (0..30).map(|n| get_as(&client, "/jobs", &basic("ada", &n.to_string())).status.as_u16());
    assert!(tries.into_iter().any(|status| status == 429), "guessing is slow");
    assert_eq!(
        get_as(&client, "/jobs", &basic("ada", "correct horse")).status,
        200,
        "who is known is not slowed"
    );
}

#[test]
fn whoever_has_a_token_is_a_client_by_it() {
    let data = tempfile::tempdir().unwrap();
    let made: Vec<String> = (0..2).map(|_| told("token", "")).collect();
    let last = |line: &str| line.split_whitespace().last().unwrap().to_owned();
    let parts = made.iter().map(|made| made.lines().map(last).collect::<Vec<_>>());
    let (tokens, hashes): (Vec<_>, Vec<_>) = parts.map(|parts| (parts[0].clone(), parts[1].clone())).unzip();
    let flags = format!("--token {} --token {}", hashes[0], hashes[1]);
    let studio = Studio::with(&flags, data.path(), &checkpoint("shallow"));
    let client = studio.client();
    let bearer = |n: usize| format!("Bearer {}", tokens[n]);
    let (body, one) = (request(1).to_string(), bearer(0));
    let reply = client.ask("POST", "/jobs", &[("authorization", &one)], Some(&body));
    assert_eq!(reply.header("set-cookie"), None);
    let job: Job = reply.json(201);
    let path = format!("/jobs/{}", job.id.0);
    assert_eq!(get_as(&client, &path, &one).status, 200, "without a cookie");
    get_as(&client, &path, &bearer(1)).refused(404);
    get_as(&client, &path, &format!("Bearer {}", hashes[0])).refused(401);
    client.get(&path).refused(401);
}

#[test]
fn a_class_behind_one_address_comes_in_at_once_and_wrong_passwords_alone_are_counted() {
    const CLASS: usize = 30;
    let data = tempfile::tempdir().unwrap();
    let user = told("password ada", "correct horse\n");
    let (_, hash) = user.trim().split_once(':').unwrap();
    let mut flags: Vec<String> = (0..CLASS).map(|n| format!("--user pupil{n}:{hash}")).collect();
    flags.push("--trusted-proxy 127.0.0.0/8".to_owned());
    let studio = Studio::with(&flags.join(" "), data.path(), &checkpoint("shallow"));
    let client = studio.client();
    let status =
        |name: &str, password: &str| get_as(&client, "/jobs", &basic(name, password)).status.as_u16();
    for n in 1..CLASS {
        assert_eq!(status(&format!("pupil{n}"), "correct horse"), 200);
    }
    // At once, from as many addresses of one network.
    let guess = |n: usize| {
        let (client, address) = (studio.client(), format!("2001:db8::{n}"));
        let headers = [("authorization", basic("pupil0", &n.to_string())), ("x-forwarded-for", address)];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        client.ask("GET", "/jobs", &headers, None).status.as_u16()
    };
    let guesses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2 * CLASS).map(|n| scope.spawn(move || guess(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let checked = guesses.iter().filter(|status| **status == 401).count();
    assert!(
        (20..=25).contains(&checked),
        "20 a minute, and what comes in while two are checked: {guesses:?}"
    );
    assert_eq!(status("pupil1", "correct horse"), 200, "who is known is not slowed");
}

#[test]
fn programs_with_different_passwords_are_different_clients_without_cookies_too() {
    let data = tempfile::tempdir().unwrap();
    let user = told("password ada", "correct horse\n");
    let (_, hash) = user.trim().split_once(':').unwrap();
    let flags = format!("--user ada:{hash} --user bob:{hash} --max-steps 1000 --requests-per-minute 0");
    let studio = Studio::with(&flags, data.path(), &checkpoint("shallow"));
    let (painter, looker) = (studio.client(), studio.client());
    let ask = |client: &Client, name: &str, method: &str, path: &str, body: Option<&str>| {
        let credentials = basic(name, "correct horse");
        client.ask(method, &format!("!/sdapi/v1/{path}"), &[("authorization", &credentials)], body)
    };
    let open = |name: &str| {
        let reply = ask(&looker, name, "GET", "progress", None);
        reply.json::<serde_json::Value>(200)["state"]["job_count"].as_u64().unwrap()
    };
    let interrupt = |name: &str| drop(ask(&looker, name, "POST", "interrupt", None));
    let wanted = r#"{ "prompt": "a desert", "width": 256, "height": 256, "steps": 1000 }"#;
    std::thread::scope(|scope| {
        let painting = scope.spawn(|| ask(&painter, "ada", "POST", "txt2img", Some(wanted)));
        while open("ada") != 1 {
            assert!(!painting.is_finished());
        }
        assert_eq!(open("bob"), 0);
        interrupt("bob");
        assert_eq!(open("ada"), 1, "it is another's");
        interrupt("ada");
        assert_eq!(painting.join().unwrap().status, 200);
    });
}
