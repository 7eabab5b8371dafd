//! `/api/v1/openapi.json` and `/api/v1/docs`; that the interface does what they say.
//!
//! The long form is `cargo xtask schemathesis`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use api::State;
use common::studio::{Client, Studio, request};
use serde_json::{Map, Value, json};

/// Method, path and description of every operation.
fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    let of = |(path, methods): (&String, &Value)| -> Vec<_> {
        let methods = methods.as_object().unwrap().iter();
        methods.map(|(method, it)| (method.to_uppercase(), path.clone(), it.clone())).collect()
    };
    paths.flat_map(of).collect()
}

/// The place `#/components/schemas/X` that a `$ref` names.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(
                fields
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(|path| path.trim_start_matches('#').to_owned()),
            );
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn server() -> (tempfile::TempDir, Studio, Client, String, String) {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(1));
    let done = client.end(&job);
    assert_eq!(done.state, State::Done);
    (data, studio, client, done.id.0, done.share.unwrap())
}

#[test]
fn every_answer_has_a_status_that_is_described_and_none_is_the_servers_fault() {
    let (_data, studio, client, id, token) = server();
    let description: Value = client.get("/openapi.json").json(200);
    let operations = operations(&description);
    assert_eq!(operations.len(), 15, "one for each row of the table in crates/api");
    // What deletes comes last.
    let (deletes, others): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|(method, ..)| method == "DELETE");
    for (method, path, operation) in others.into_iter().chain(deletes) {
        let known: &Map<String, Value> = operation["responses"].as_object().unwrap();
        let path = |id: &str, token: &str, number: &str| {
            let path = path.strip_prefix(api::ROOT).unwrap().replace("{id}", id).replace("{token}", token);
            path.replace("{number}", number)
        };
        let deep = "[".repeat(1000);
        let own = path(&id, &token, "0");
        for body in
            [None, Some(""), Some("{}"), Some("null"), Some(deep.as_str()), Some(&"x".repeat(9 << 20))]
        {
            if body.is_some() && operation.get("requestBody").is_none() {
                continue;
            }
            for headers in [vec![], vec![("origin", "http://evil.example"), ("expect", "100-continue")]] {
                let Some(reply) = client.try_ask(&method, &own, &headers, body) else {
                    // The server may close the connection of one who sends more than it reads, and of no other.
                    assert!(body.is_some_and(|body| body.len() > 1 << 20), "{method} {own}: no answer");
                    continue;
                };
                let status = reply.status.as_str();
                assert!(known.contains_key(status), "{method} {own}: {status} is not described");
                assert!(reply.status.as_u16() < 500, "{method} {own}: {}", reply.text());
            }
        }
        for path in [path(&"0".repeat(32), &"0".repeat(32), "0"), path("%00", "'", "-1"), own] {
            // Somebody new each time, on a connection of his own: the server may close one whose request it did not read.
            let reply = studio.client().ask(&method, &path, &[], None);
            let status = reply.status.as_str();
            assert!(known.contains_key(status), "{method} {path}: {status} is not described");
            assert!(reply.status.as_u16() < 500, "{method} {path}: {}", reply.text());
        }
    }
}

#[test]
fn the_description_is_whole_and_its_page_has_no_scripts() {
    let (_data, _studio, client, ..) = server();
    let description: Value = client.get("/openapi.json").json(200);
    let mut named = Vec::new();
    references(&description, &mut named);
    assert!(!named.is_empty());
    for name in &named {
        assert!(description.pointer(name).is_some(), "there is no {name}");
    }
    let page = client.get("/docs");
    assert!(page.text().contains("/api/v1/jobs/{id}/events") && page.text().contains("GenerationRequest"));
    assert!(!page.text().contains("<script") && !page.text().contains("http://"));
    assert!(
        page.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'sha256-")
    );
}

#[test]
fn the_example_of_the_description_paints_for_whoever_keeps_the_cookie() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let description: Value = client.get("/openapi.json").json(200);
    let about = description["info"]["description"].as_str().unwrap();
    let body = about.split_once("--json '").unwrap().1.split_once('\'').unwrap().0;
    let job = client.submit(&serde_json::from_str(body).unwrap());
    assert_eq!(client.end(&job).state, State::Done);
    assert_eq!(client.picture(&job, 0).status, 200);
    assert!(about.contains("--cookie jar --cookie-jar jar") && about.contains("Authorization: Bearer"));
    let schemes = &description["components"]["securitySchemes"];
    let cookie = client.cookie.unwrap();
    assert_eq!(schemes["cookie"]["name"].as_str(), cookie.split('=').next());
    assert_eq!(
        (&schemes["bearer"]["scheme"], &schemes["basic"]["scheme"]),
        (&json!("bearer"), &json!("basic"))
    );
    let page = studio.client().get("/docs");
    let page = page.text();
    assert!(page.contains("<pre>curl --cookie jar --cookie-jar jar "), "{page}");
    assert!(page.contains("<code>Authorization: Bearer TOKEN</code>"), "{page}");
    assert!(!page.contains('`') && !page.contains("::"), "Rust's words are not the interface's: {page}");
    let (_interface, types) = page.split_once("<h2>The types").unwrap();
    let row = |name: &str, meaning: &str| {
        assert!(types.contains(&format!("<code>{name}</code><td>{meaning}")), "{name}: {types}");
    };
    row("steps", "integer from 1 to 1000, optional<br>");
    row("layout", "<a href=\"#LayoutRequest\">LayoutRequest</a><br>");
    row("inpaint", "<a href=\"#InpaintRequest\">InpaintRequest</a>, optional<br>");
    row("notes", "list of string<br>");
    row("event", "<code>&quot;preview&quot;</code>");
}

#[test]
fn a_clients_job_is_out_of_others_reach_on_every_route() {
    let (_data, studio, client, id, _) = server();
    let description: Value = client.get("/openapi.json").json(200);
    let stranger = studio.client().greeted();
    let mut routes = 0;
    for (method, path, _) in operations(&description) {
        let Some(path) = path.strip_prefix(api::ROOT).filter(|path| path.contains("{id}")) else { continue };
        let path = path.replace("{id}", &id).replace("{number}", "0");
        stranger.ask(&method, &path, &[], None).refused(404);
        routes += 1;
    }
    assert_eq!(routes, 6);
    for path in ["/shared/", "/shared/%2e%2e/jobs/"] {
        stranger.get(&format!("{path}{id}")).refused(404);
    }
    assert_eq!(client.get(&format!("/jobs/{id}")).json::<api::Job>(200).state, State::Done);
}
