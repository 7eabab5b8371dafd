//! `/api/v1/jobs`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod inpaint;

use api::{Job, JobId, JobPage, State};
use base64::Engine;
use common::studio::{Client, Studio, at_step, endless, request};
use common::{checkpoint, files, fixtures};
use serde_json::{Value, json};

/// A request with some fields changed.
fn with(steps: u32, changes: Value) -> Value {
    let mut request = request(steps);
    for (name, value) in changes.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

#[test]
fn a_job_is_submitted_painted_listed_and_deleted_with_its_files() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let reply = client.post("/jobs", &with(2, json!({ "samples": 2 })));
    let job: Job = reply.json(201);
    assert_eq!(reply.header("location").unwrap(), format!("/api/v1/jobs/{}", job.id.0));
    let cookie = reply.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    client.cookie = cookie.split(';').next().map(str::to_owned);
    assert_eq!((job.prompt.as_str(), job.seed, job.samples), ("a desert , a squirrel", 7, 2));

    let done = client.end(&job);
    assert_eq!((&done.state, done.pictures), (&State::Done, 2));
    assert_eq!(client.job(&job), done);
    assert_eq!(client.history(), [done]);
    assert_eq!(files(&data.path().join("pictures")).len(), 2);
    let kept: Value = client.get(&format!("/jobs/{}/request", job.id.0)).json(200);
    assert_eq!((&kept["seed"], &kept["steps"]), (&json!(7), &json!(2)));

    assert_eq!(client.delete(&job).status, 204);
    assert_eq!(client.delete(&job).refused(404), client.picture(&job, 0).refused(404));
    assert_eq!(client.history(), []);
    assert_eq!(files(&data.path().join("pictures")), Vec::<String>::new());
}

#[test]
fn a_history_comes_in_pages() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let ids: Vec<JobId> = (0..3).map(|_| client.submit(&request(1)).id).collect();
    let first: JobPage = client.get("/jobs?limit=2").json(200);
    let listed = |page: &JobPage| page.jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>();
    assert_eq!((listed(&first), first.more), (vec![ids[2].clone(), ids[1].clone()], true));
    let second: JobPage = client.get(&format!("/jobs?limit=2&before={}", ids[1].0)).json(200);
    assert_eq!((listed(&second), second.more), (vec![ids[0].clone()], false));
    client.get("/jobs?before=nonsense").refused(404);
    client.get("/jobs?limit=-1").refused(400);
    client.get("/jobs?limt=1").refused(400);
}

#[test]
fn a_page_reaches_back_to_the_oldest_unfinished_job_if_asked() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let endless = client.submit(&endless());
    for _ in 0..2 {
        let job = client.submit(&request(1));
        client.cancel(&job);
    }
    let length = |path| client.get(path).json::<JobPage>(200).jobs.len();
    assert_eq!((length("/jobs?limit=1"), length("/jobs?limit=1&unfinished=true")), (1, 3));
    client.cancel(&endless);
    assert_eq!(length("/jobs?limit=1&unfinished=true"), 1);
    client.get("/jobs?unfinished=perhaps").refused(400);
}

#[test]
fn a_job_that_is_cancelled_makes_room_for_the_next() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let (long, next, waiting) =
        (client.submit(&endless()), client.submit(&request(1)), client.submit(&request(1)));
    let mut events = client.events(&long);
    events.reach(at_step(1));
    assert_eq!(client.cancel(&waiting).json::<Job>(200).state, State::Cancelled);
    assert_eq!(client.cancel(&long).json::<Job>(200).state, State::Cancelled);
    events.reach(|state| *state == State::Cancelled);
    assert_eq!(client.end(&next).state, State::Done);
    assert_eq!(client.job(&long).pictures, 0);
    assert_eq!(client.cancel(&next).json::<Job>(200).state, State::Done, "what is done stays done");
}

#[test]
fn a_request_that_is_sent_again_under_its_key_is_the_same_job() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    client.submit(&request(1));
    let drawn = with(1, json!({ "seed": -1 })).to_string();
    let send = |key: &str, body: &str| client.ask("POST", "/jobs", &[("idempotency-key", key)], Some(body));
    let first: Job = send("one", &drawn).json(201);
    let again: Job = send("one", &drawn).json(200);
    assert_eq!((&again.id, again.seed), (&first.id, first.seed), "though a seed would be drawn anew");
    send("one", &request(1).to_string()).refused(422);
    assert_ne!(send("two", &drawn).json::<Job>(201).id, first.id);
    send("", &drawn).refused(400);
    send(&"x".repeat(201), &drawn).refused(400);
    assert_eq!(client.history().len(), 3);
}

#[test]
fn two_clients_do_not_see_each_other() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let (mut one, mut other) = (studio.client(), studio.client());
    let job = one.submit(&request(1));
    one.end(&job);
    let own = other.submit(&request(1));
    let mut forged = studio.client();
    forged.cookie = Some("dense-diffusion=' OR 1=1".to_owned());
    let (stranger, id) = (studio.client(), &job.id.0);
    for client in [&other, &stranger, &forged] {
        for path in ["", "/request", "/events", "/pictures/0"] {
            client.get(&format!("/jobs/{id}{path}")).refused(404);
        }
        client.cancel(&job).refused(404);
        client.delete(&job).refused(404);
        client.get(&format!("/jobs?before={id}")).refused(404);
    }
    let ids = |client: &Client| client.history().into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!((ids(&one), ids(&other)), (vec![job.id.clone()], vec![own.id]));
    assert_eq!((ids(&stranger), ids(&forged)), (vec![], vec![]));
    assert_eq!(one.picture(&job, 0).status, 200);
}

#[test]
fn a_client_has_so_many_open_jobs_and_no_more() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--max-jobs 2 --max-steps 1000", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let first = client.submit(&endless());
    client.submit(&request(1));
    let refusal = client.post("/jobs", &request(1));
    assert!(refusal.refused(429).message.contains('2') && refusal.header("retry-after").is_some());
    assert_eq!(studio.client().submit(&request(1)).samples, 1, "others are not concerned");
    client.cancel(&first);
    client.submit(&request(1));
}

#[test]
fn a_queue_that_is_full_says_when_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--max-queue 1 --max-steps 1000", data.path(), &checkpoint("shallow"));
    let (mut one, mut other) = (studio.client(), studio.client());
    let running = one.submit(&endless());
    one.events(&running).reach(at_step(1));
    let waiting = one.submit(&request(1));
    let refusal = other.post("/jobs", &request(1));
    refusal.refused(503);
    let seconds: u64 = refusal.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(one.job(&waiting).left.unwrap() > 0, "measured by the steps of the first");
    one.cancel(&running);
    one.end(&waiting);
    other.submit(&request(1));
}

#[test]
fn everything_that_is_wrong_is_named_by_its_field() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--max-side 128 --max-steps 9", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let ready = client.submit(&request(1));
    client.end(&ready);
    let fields = |request: &Value| -> Vec<String> {
        client.post("/jobs", request).refused(422).fields.into_iter().map(|(field, _)| field).collect()
    };
    assert_eq!(fields(&with(0, json!({ "w_cross": 9, "width": 63 }))), ["width", "steps", "w_cross"]);
    let beyond = json!({ "width": 256, "height": 136, "samples": 5 });
    assert_eq!(fields(&with(10, beyond)), ["width", "height", "steps", "samples"]);
    assert_eq!(fields(&with(1, json!({ "prompt": "a desert and an acorn" }))), ["regions[1].text"]);
    assert_eq!(fields(&with(1, json!({ "layout": { "path": "/etc/passwd" } }))), ["layout.path"]);
    assert_eq!(fields(&with(1, json!({ "layout": { "png": "AAAA" } }))), ["layout"]);
    let runs = json!({ "runs": { "width": 8, "height": 8, "regions": 2, "runs": "999999999999A" } });
    assert_eq!(fields(&with(1, json!({ "layout": runs }))), ["layout.runs"]);
    assert_eq!(fields(&with(1, json!({ "scheduler": "ddim", "karras": true }))), ["scheduler"]);
    assert!(client.post("/jobs", &with(1, json!({ "stepz": 1 }))).refused(422).message.contains("stepz"));
    assert_eq!(client.history().len(), 1, "nothing was taken in");
}

#[test]
fn a_layout_may_come_as_a_picture() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let png = std::fs::read(fixtures().join("reference/shallow/layout.png")).unwrap();
    let png = base64::engine::general_purpose::STANDARD.encode(png);
    let regions = json!([{ "text": "at the desert" }, { "text": "a squirrel" }, { "text": "a sign" }]);
    let job = client.submit(&with(1, json!({ "layout": { "png": png }, "regions": regions })));
    assert_eq!(client.end(&job).state, State::Done);
    let kept: Value = client.get(&format!("/jobs/{}/request", job.id.0)).json(200);
    assert_eq!(kept["layout"]["runs"]["regions"], 3, "it is kept as what was found in it");
}

#[test]
fn bodies_that_are_no_request_are_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    client.ask("POST", "/jobs", &[], Some("{")).refused(400);
    // As curl does: the body is sent when the server has not refused it.
    let long = "x".repeat(9 << 20);
    client.ask("POST", "/jobs", &[("expect", "100-continue")], Some(&long)).refused(413);
    let many = client.post("/jobs", &with(1, json!({ "regions": vec![json!({ "text": "a" }); 33] })));
    assert_eq!(many.refused(422).fields[0].0, "regions");
    for (wrong, named) in [(json!([]), "an object"), (with(1, json!({ "steps": "x" })), "steps: ")] {
        let message = client.post("/jobs", &wrong).refused(422).message;
        assert!(message.contains(named), "{message}");
        assert!(!["struct", "i64", "target type"].iter().any(|word| message.contains(word)), "{message}");
    }
    client.ask("POST", "/jobs", &[], None).refused(415);
    client.ask("PUT", "/jobs", &[], None).refused(405);
    client.get("/job").refused(404);
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(1));
    let (path, body) = (format!("/jobs/{}", job.id.0), request(1).to_string());
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "127.0.0.1"] {
        let headers = [("origin", origin)];
        client.ask("POST", "/jobs", &headers, Some(&body)).refused(403);
        client.ask("POST", &format!("{path}/cancel"), &headers, None).refused(403);
        client.ask("DELETE", &path, &headers, None).refused(403);
    }
    assert_eq!(client.history().len(), 1);
    let own = client.own_origin();
    assert_eq!(client.ask("DELETE", &path, &[("origin", &own)], None).status, 204);
}

#[test]
fn a_page_gives_its_client_a_name_and_keeps_one_that_it_has() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let given = client.get("!/").header("set-cookie").unwrap().to_owned();
    client.cookie = given.split(';').next().map(str::to_owned);
    assert_eq!(client.get("!/").header("set-cookie"), Some(given.as_str()), "it lives on with each visit");
    let reply = client.post("/jobs", &request(1));
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (201, None));
    assert_eq!(client.history().len(), 1);
}
