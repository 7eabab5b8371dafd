//! `/api/v1/jobs/{id}/pictures/{number}`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::studio::{Studio, request};
use common::{checkpoint, run, stdout};
use serde_json::Value;

#[test]
fn pictures_are_byte_for_byte_those_of_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let studio = Studio::start(&folder.path().join("data"));
    let mut client = studio.client();
    let mut wanted = request(10);
    wanted["samples"] = 2.into();
    // With noise in every step, so that samples that were painted apart would differ.
    wanted["scheduler"] = "euler_ancestral".into();
    let job = client.submit(&wanted);
    client.end(&job);

    let (file, out) = (folder.path().join("request.json"), folder.path().join("out"));
    std::fs::write(&file, wanted.to_string()).unwrap();
    let model = checkpoint("shallow");
    stdout(&run("generate", &[&"--model", &model, &"--request", &file, &"--out", &out]));
    for number in 0..2 {
        let reply = client.picture(&job, number);
        assert_eq!(reply.header("content-type"), Some("image/png"));
        let written = std::fs::read(out.join(format!("{number}.png"))).unwrap();
        assert!(reply.body == written, "picture {number} differs");
    }
    assert_ne!(client.picture(&job, 0).body, client.picture(&job, 1).body);
}

#[test]
fn a_picture_carries_its_request_with_the_seed_that_was_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let studio = Studio::start(&folder.path().join("data"));
    let mut client = studio.client();
    let mut wanted = request(2);
    wanted["seed"] = (-1).into();
    let job = client.submit(&wanted);
    client.end(&job);
    let png = client.picture(&job, 0).body;
    let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let chunks = &reader.info().uncompressed_latin1_text;
    let chunk = |name: &str| &chunks.iter().find(|chunk| chunk.keyword == name).unwrap().text;
    let carried: Value = serde_json::from_str(chunk("dense-diffusion")).unwrap();
    assert_eq!(carried["seed"], job.seed);
    assert_eq!(carried, client.get(&format!("/jobs/{}/request", job.id.0)).json::<Value>(200));
    assert!(chunk("parameters").contains(&format!("Seed: {}", job.seed)));

    let again = client.submit(&carried);
    client.end(&again);
    assert!(client.picture(&again, 0).body == png, "its own request makes it again");
}

#[test]
fn what_is_no_picture_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let studio = Studio::start(&folder.path().join("data"));
    let mut client = studio.client();
    let job = client.submit(&request(1));
    client.end(&job);
    for path in ["1", "-1", "x", "0.png", "4294967296", "%2e%2e%2flock"] {
        client.get(&format!("/jobs/{}/pictures/{path}", job.id.0)).refused(404);
    }
    client.get(&format!("/jobs/{}/pictures/0", "0".repeat(32))).refused(404);
}
