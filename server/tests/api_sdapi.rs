//! `/sdapi/v1`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::process::Command;

use common::checkpoint;
use common::studio::{Studio, endless, request};
use serde_json::{Value, json};

#[test]
fn a_program_for_the_web_ui_paints_with_regions_looks_on_and_interrupts() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    assert!(python.exists(), "`cargo xtask setup` fetches the Python packages of the tests");
    let data = tempfile::tempdir().unwrap();
    // It asks for the progress as fast as it can, which a slow machine's limit would end.
    let studio =
        Studio::with("--max-steps 1000 --requests-per-minute 0", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let ready = client.submit(&request(1));
    client.end(&ready);
    let port = client.own_origin().rsplit(':').next().unwrap().to_owned();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdapi.py");
    let output = Command::new(python).arg(script).arg(port).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn progress_and_interrupt_are_about_the_clients_own() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let (mut one, other) = (studio.client(), studio.client());
    let job = one.submit(&endless());
    one.events(&job).reach(common::studio::at_step(1));
    let of = |client: &common::studio::Client| client.get("!/sdapi/v1/progress").json::<Value>(200);
    assert_eq!((&of(&one)["state"]["job_count"], &of(&other)["state"]["job_count"]), (&json!(1), &json!(0)));
    other.ask("POST", "!/sdapi/v1/interrupt", &[], None).json::<Value>(200);
    assert!(!one.job(&job).state.is_final(), "it is another's");
    one.ask("POST", "!/sdapi/v1/interrupt", &[], None).json::<Value>(200);
    assert_eq!(one.job(&job).state, api::State::Cancelled);
}
