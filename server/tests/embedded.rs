//! The model that ships with the program and its evaluator, from end to end: layouts, pictures, what they show.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::path::{Path, PathBuf};

use common::{run, stdout};
use serde_json::Value;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn what_is_asked_for_stands_in_its_region() {
    let out = tempfile::tempdir().unwrap();
    let (set, model, evaluator) =
        (at("tests/embedded"), at("../models/scenes"), at("../models/scenes-evaluator"));
    let output = run(
        "benchmark --variants plain,both --device cpu",
        &[&"--set", &set, &"--model", &model, &"--evaluator", &evaluator, &"--out", &out.path()],
    );
    stdout(&output);
    let report = std::fs::read(out.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let share = |variant: usize, metric: &str| {
        report["variants"][variant]["metrics"][metric]["value"].as_f64().unwrap()
    };
    assert_eq!(report["variants"][1]["variant"]["name"], "both");
    assert_eq!(report["variants"][1]["pictures"], 3);
    assert_eq!(share(1, "object"), 1.0, "every object is there");
    assert_eq!(share(1, "in_region"), 1.0, "each in its region");
    assert!(share(0, "in_region") < 1.0, "the plain model does not know where");
}
