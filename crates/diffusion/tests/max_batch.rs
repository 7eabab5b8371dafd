//! Measuring how many share a call is no reason not to load a checkpoint.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../fixtures/copies.rs"]
#[allow(dead_code, reason = "each test file uses some of it")]
mod copies;

use std::path::Path;

use diffusion::{LoadOptions, Pipeline};

#[test]
fn where_nothing_can_be_painted_by_default_each_request_has_its_own_calls() {
    let folder = tempfile::tempdir().unwrap();
    copies::copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints/shallow"),
        folder.path(),
    );
    // Fewer steps than are tried: whoever asks for two can be painted.
    let scheduler = folder.path().join("scheduler/scheduler_config.json");
    let config = std::fs::read_to_string(&scheduler).unwrap();
    let short = config.replace(r#""num_train_timesteps": 1000"#, r#""num_train_timesteps": 2"#);
    std::fs::write(&scheduler, short).unwrap();
    let options = LoadOptions { max_batch: None, ..LoadOptions::default() };
    assert_eq!(Pipeline::load(folder.path(), &options).unwrap().max_batch(), 1);
}
