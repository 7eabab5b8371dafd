//! `/api/v1/shared/{token}`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use api::Job;
use common::studio::{Studio, at_step, endless, request};
use serde_json::Value;

#[test]
fn a_link_shows_what_is_done_to_anybody_and_lets_nobody_change_it() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(2));
    let done = client.end(&job);
    let token = done.share.clone().unwrap();
    assert_eq!(token.len(), 32, "128 bits");
    assert_ne!(token, job.id.0);

    let stranger = studio.client();
    assert_eq!(stranger.get(&format!("/shared/{token}")).json::<Job>(200), done);
    let picture = stranger.get(&format!("/shared/{token}/pictures/0"));
    assert!(picture.body == client.picture(&job, 0).body);
    let request: Value = stranger.get(&format!("/shared/{token}/request")).json(200);
    assert_eq!(request["seed"], 7);
    // For people, without a script.
    let page = stranger.get(&format!("!/shared/{token}"));
    let shown = format!("<img src=\"{}/shared/{token}/pictures/0\"", api::ROOT);
    assert!(page.text().contains("a desert, a squirrel") && page.text().contains(&shown), "{}", page.text());
    stranger.ask("DELETE", &format!("/shared/{token}"), &[], None).refused(405);
    stranger.get(&format!("/jobs/{token}")).refused(404);
    stranger.delete(&job).refused(404);

    assert_eq!(client.delete(&job).status, 204);
    for path in ["", "/request", "/pictures/0"] {
        stranger.get(&format!("/shared/{token}{path}")).refused(404);
    }
}

#[test]
fn there_is_no_link_to_what_is_not_done() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&endless());
    client.events(&job).reach(at_step(1));
    assert_eq!(client.job(&job).share, None);
    client.get(&format!("/shared/{}", job.id.0)).refused(404);
    client.get("/shared/nonsense").refused(404);
    assert_eq!(client.cancel(&job).json::<Job>(200).share, None);
}
