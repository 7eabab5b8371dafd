//! What the host decides: who may come and how often, and what the host sees.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use std::io::{Read, Write};
use std::net::TcpStream;

use api::State;
use common::checkpoint;
use common::studio::{Client, Studio, endless, request};
use serde_json::json;

#[test]
fn a_cookie_that_the_server_has_not_signed_is_none() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(1));
    let cookie = client.cookie.clone().unwrap();
    let (signed, name) = cookie.split_at(cookie.len() - 32);
    assert!(signed.len() > 32, "{cookie}");
    for forged in [format!("dense-diffusion={name}"), signed.replace('=', "=A") + name] {
        client.cookie = Some(forged);
        client.get(&format!("/jobs/{}", job.id.0)).refused(404);
    }
    client.cookie = Some(cookie);
    assert_eq!(client.job(&job).id, job.id);
}

#[test]
fn one_address_asks_so_often_and_no_more_and_proxies_tell_whose_it_is() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--jobs-per-minute 2 --requests-per-minute 20 --trusted-proxy 127.0.0.0/8";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let client = studio.client();
    let body = request(1).to_string();
    let submit = |from: &str| client.ask("POST", "/jobs", &[("x-forwarded-for", from)], Some(&body));
    assert_eq!([submit("1.1.1.1").status, submit("1.1.1.1").status], [201, 201]);
    let refusal = submit("6.6.6.6, 1.1.1.1");
    assert!(refusal.refused(429).message.contains("submit too often"), "{}", refusal.text());
    assert!((1..=60).contains(&refusal.header("retry-after").unwrap().parse::<u64>().unwrap()));
    let other_way = client.ask("POST", "!/sdapi/v1/txt2img", &[("x-forwarded-for", "1.1.1.1")], Some("{}"));
    other_way.refused(429);
    assert_eq!(submit("2.2.2.2").status, 201, "others are not concerned");
    let asked =
        (0..30).map(|_| client.ask("GET", "!/", &[("x-forwarded-for", "3.3.3.3")], None).status.as_u16());
    assert!(asked.into_iter().any(|status| status == 429));
    let files = (0..30).all(|_| client.get("!/pkg/0123/dense-diffusion.wasm").status == 200);
    assert!(files, "the front end's files are not counted");
    let lost = client.get("!/pkg/0123/nothing");
    assert_eq!((lost.status.as_u16(), lost.text()), (404, ""), "without a page");
    let mut asked = (0..30).map(|_| client.get("!/pkg/nothing").status.as_u16());
    assert!(asked.any(|status| status == 429), "what is none of them is counted");
}

#[test]
fn what_is_sent_again_by_its_key_is_no_further_submission_and_nobody_unknown_has_a_key() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--jobs-per-minute 4", data.path(), &checkpoint("shallow"));
    let body = request(1).to_string();
    let send =
        |client: &Client, key: &str| client.ask("POST", "/jobs", &[("idempotency-key", key)], Some(&body));
    let client = studio.client().greeted();
    let again: Vec<u16> = (0..4).map(|_| send(&client, "one").status.as_u16()).collect();
    assert_eq!(again, [201, 200, 200, 200]);
    let refusal = send(&studio.client(), "one");
    assert!(refusal.refused(400).message.contains("cookie"), "{}", refusal.text());
    // It comes with the refusal; who brings one of another server keeps cookies, too.
    let cookie = refusal.header("set-cookie").unwrap().split(';').next().unwrap();
    let other = format!("{}=of another server", cookie.split('=').next().unwrap());
    for cookie in [cookie, &other] {
        let client = Client { cookie: Some(cookie.to_owned()), ..studio.client() };
        assert_eq!(send(&client, "one").status, 201, "it is a client of its own");
    }
    assert_eq!([send(&client, "two").status, send(&client, "three").status], [201, 429]);
}

#[test]
fn no_path_leads_out_of_the_sites_folder() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    // As it is sent, which no client's library would do.
    for path in ["/../site", "/%2e%2e/secret", "/pkg/../../secret", "/pkg/..%2f..%2fsecret", "//secret"] {
        let (status, body) = studio.raw(path);
        assert!(status == 404 && !body.contains("secret of the host"), "{path}: {status}");
    }
    assert_eq!(studio.raw("/pkg/0123/%2e%2e/0123/dense-diffusion.wasm").0, 404);
    assert_eq!(studio.raw("/pkg/0123/dense-diffusion.wasm").0, 200);
}

#[test]
fn one_address_has_so_many_generations_whether_its_clients_have_names_or_not() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--max-steps 1000 --max-jobs 2 --max-jobs-per-address 3 --trusted-proxy 127.0.0.0/8";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let (stranger, body) = (studio.client(), endless().to_string());
    let submit =
        |client: &Client, from: &str| client.ask("POST", "/jobs", &[("x-forwarded-for", from)], Some(&body));
    assert_eq!([submit(&stranger, "1.1.1.1").status, submit(&stranger, "1.1.1.1").status], [201, 201]);
    let refused = submit(&stranger, "1.1.1.1");
    assert!(refused.refused(429).message.contains("You have 2"), "{}", refused.text());
    assert_eq!(submit(&stranger, "2.2.2.2").status, 201, "others are not concerned");
    let named = studio.client().greeted();
    assert_eq!(submit(&named, "1.1.1.1").status, 201, "a name has its own room");
    let refused = submit(&studio.client().greeted(), "1.1.1.1");
    assert!(refused.refused(429).message.contains("your address"), "{}", refused.text());
    assert!((1..=60).contains(&refused.header("retry-after").unwrap().parse::<u64>().unwrap()));
    assert_eq!(submit(&named, "3.3.3.3").status, 201, "it is the address that has no room");
}

#[test]
fn whoever_has_no_room_is_told_so_before_the_layout_is_looked_at() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--max-steps 1000 --max-jobs 1", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let mut broken = request(1);
    broken["layout"] = json!({ "png": "bm8gcGljdHVyZQ==" });
    client.post("/jobs", &broken).refused(422);
    let job = client.submit(&endless());
    client.post("/jobs", &broken).refused(429);
    client.cancel(&job);
    client.post("/jobs", &broken).refused(422);
}

#[test]
fn one_address_has_so_many_connections_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--connections-per-address 2", data.path(), &checkpoint("shallow"));
    let host = studio.client().own_origin().strip_prefix("http://").unwrap().to_owned();
    // An answer, if there is one; the connection stays open.
    let connect = || {
        let mut stream = TcpStream::connect(&host).unwrap();
        let asked = write!(stream, "GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let read = asked.and_then(|()| stream.read(&mut [0; 16]));
        read.is_ok_and(|read| read > 0).then_some(stream)
    };
    let (one, _two) = (connect().unwrap(), connect().unwrap());
    assert!(connect().is_none(), "closed without a word");
    drop(one);
    while connect().is_none() {}
}

#[test]
fn behind_tls_cookies_are_secure_and_the_public_origin_is_the_only_one() {
    let data = tempfile::tempdir().unwrap();
    // With a port that browsers leave away.
    let flags = "--public-url https://paint.example:443/";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let client = studio.client();
    let page = client.get("!/");
    assert!(page.header("set-cookie").unwrap().contains("Secure"));
    assert!(page.header("strict-transport-security").is_some());
    let submit = |origin: &str| {
        client.ask("POST", "/jobs", &[("origin", origin)], Some(&request(1).to_string())).status
    };
    assert_eq!(submit("https://paint.example"), 201);
    assert_eq!([submit("http://paint.example"), submit(&client.own_origin())], [403, 403]);
}

#[test]
fn every_answer_says_what_the_browser_must_not_do() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    for path in ["!/", "!/nowhere", "/jobs", "/nowhere", "!/healthz", "!/pkg/0123/dense-diffusion.wasm"] {
        let reply = client.get(path);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        for (header, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")] {
            assert_eq!(reply.header(header), Some(value), "{path}");
        }
        assert_eq!(reply.header("x-request-id").map(str::len), Some(16), "{path}");
    }
}

#[test]
fn what_a_client_writes_is_nowhere_part_of_a_page() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let evil = "<script>alert(1)</script>";
    let mut wanted = request(1);
    wanted["prompt"] = format!("a desert {evil} a squirrel").into();
    wanted["negative_prompt"] = evil.into();
    let job = client.submit(&wanted);
    let token = client.end(&job).share.unwrap();
    let encoded = "%3Cscript%3Ealert(1)%3C/script%3E";
    let paths =
        [format!("!/shared/{token}"), format!("!/shared/{encoded}"), format!("!/{encoded}?x={encoded}")];
    for path in &paths {
        assert!(!client.get(path).text().contains(evil), "{path}");
    }
    assert!(client.get(&paths[0]).text().contains("&lt;script&gt;"), "the text itself is there");
    for path in
        [format!("/jobs/{}", job.id.0), format!("/jobs/{}/request", job.id.0), format!("/jobs/{encoded}")]
    {
        let reply = client.get(&path);
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
    wanted["scheduler"] = evil.into();
    let refused = client.post("/jobs", &wanted);
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (422, Some("application/json")));
}

#[test]
fn a_server_is_ready_when_its_model_is_there() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(1));
    client.end(&job);
    assert_eq!((client.get("!/readyz").status.as_u16(), client.get("!/readyz").text()), (200, "ready"));
    let (empty, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let studio = Studio::with("", data.path(), empty.path());
    assert_eq!(studio.client().get("!/readyz").status, 503);
    assert_eq!(studio.client().get("!/healthz").status, 200);
}

#[test]
fn prometheus_is_told_on_a_port_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    let mut studio =
        Studio::with("--metrics-addr 127.0.0.1:0 --max-steps 1000", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let job = client.submit(&request(3));
    client.end(&job);
    let running = client.submit(&endless());
    client.events(&running).reach(|state| matches!(state, State::Running { .. }));
    let cancelled = client.submit(&request(1));
    client.submit(&request(1));
    for _ in 0..2 {
        client.cancel(&cancelled);
    }
    let metrics = studio.metrics();
    // What the dashboard draws is told, and what has not happened yet is 0, or a rate would not see the first.
    let dashboard = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hosting/grafana.json");
    let dashboard = std::fs::read_to_string(dashboard).unwrap();
    let drawn: Vec<&str> = dashboard.split("dense_diffusion_").skip(1).collect();
    assert!(drawn.len() > 10);
    for rest in drawn {
        let name = rest.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_').next().unwrap();
        assert!(metrics.contains(&format!("\ndense_diffusion_{name}")), "no {name}");
    }
    let value = |name: &str| -> f64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().unwrap()
    };
    assert_eq!(value("dense_diffusion_jobs_total{end=\"done\"}"), 1.0);
    assert_eq!(value("dense_diffusion_jobs_total{end=\"cancelled\"}"), 1.0);
    assert_eq!(value("dense_diffusion_jobs_total{end=\"failed\"}"), 0.0);
    assert_eq!(value("dense_diffusion_requests_total{status=\"5xx\"}"), 0.0);
    assert!(value("dense_diffusion_step_seconds_count") >= 3.0);
    assert_eq!(value("dense_diffusion_queue_jobs"), 1.0);
    assert!(value("dense_diffusion_memory_bytes") > 1e6);
    assert!(value("dense_diffusion_requests_total{status=\"2xx\"}") >= 4.0);
    assert_eq!(client.get("!/metrics").status, 404, "it is not for everybody");
}

#[test]
fn a_word_list_and_a_limit_on_all_the_work_are_kept_to() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--blocked-word big-cat,SQUIRREL --max-work 1";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let client = studio.client();
    let failure = client.post("/jobs", &request(1)).refused(422);
    let fields: Vec<_> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["prompt", "regions[1].text"]);
    let mut dear = request(150);
    dear["regions"] = json!([{ "text": "a desert" }, { "text": "an acorn" }]);
    dear["samples"] = 2.into();
    let failure = client.post("/jobs", &dear).refused(422);
    assert!(failure.fields[0].1.contains("at most 122"), "{failure:?}");
    dear["steps"] = 122.into();
    assert_eq!(client.post("/jobs", &dear).status, 201);
}
