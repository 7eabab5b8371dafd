//! Runs that stop and go on, with a painter that needs no model.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::path::Path;

use benchmark::{BenchmarkError, Job, Method, PaintError, Run, Set, Variant};
use common::{paint, set, settings};
use request::{Defaults, Scheduler};

fn variants(defaults: &Defaults) -> Vec<Variant> {
    [Method::Plain, Method::Both].map(|method| Variant::new(method, defaults, 1.0)).into()
}

/// Paints all into `out`; the painter fails as `fail` says at its n-th picture. Returns the seeds that it was given.
fn paint_into(
    out: &Path,
    set: &Set,
    fail: impl Fn(usize) -> Option<PaintError>,
) -> (Result<usize, BenchmarkError>, Vec<u64>) {
    let defaults = Defaults::default();
    let variants = variants(&defaults);
    let mut run = Run::open(out, &settings(2)).unwrap();
    let mut seeds = Vec::new();
    let mut painter = |generation: &_, layout: &_, seed| {
        seeds.push(seed);
        fail(seeds.len()).map_or_else(|| paint(generation, layout, seed), Err)
    };
    let result = run.paint(&Job::all(set, "", &variants), &defaults, &mut painter, &mut |_, _| {});
    (result, seeds)
}

#[test]
fn a_run_goes_on_where_it_was_interrupted_and_paints_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (set, out) = (set(&folder.path().join("set")), folder.path().join("out"));
    let (result, _) = paint_into(&out, &set, |n| (n == 3).then_some(PaintError::Interrupted));
    let error = result.unwrap_err();
    assert!(matches!(error, BenchmarkError::Interrupted { done: 2, all: 4 }));
    assert!(error.to_string().contains("interrupted after 2 of 4 pictures"), "{error}");
    // Item by item: both variants of item 0 are there.
    assert!(out.join("plain/0.png").is_file() && out.join("both/0.png").is_file());

    let (result, seeds) = paint_into(&out, &set, |_| None);
    assert_eq!((result.unwrap(), seeds), (2, vec![1, 1]));
    let (result, seeds) = paint_into(&out, &set, |_| None);
    assert_eq!((result.unwrap(), seeds), (0, vec![]));

    std::fs::remove_file(out.join("plain/1.png")).unwrap();
    assert_eq!(paint_into(&out, &set, |_| None).0.unwrap(), 1);
}

#[test]
fn a_line_that_a_crash_cut_off_is_painted_again_and_a_damaged_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let (set, out) = (set(&folder.path().join("set")), folder.path().join("out"));
    paint_into(&out, &set, |_| None).0.unwrap();
    let list = out.join("pictures.jsonl");
    let text = std::fs::read_to_string(&list).unwrap();
    assert_eq!(text.lines().count(), 4);
    std::fs::write(&list, &text[..text.len() - 9]).unwrap();
    assert_eq!(paint_into(&out, &set, |_| None).0.unwrap(), 1);
    assert_eq!(std::fs::read_to_string(&list).unwrap().lines().count(), 4);

    std::fs::write(&list, format!("nonsense\n{text}")).unwrap();
    let error = Run::open(&out, &settings(2)).unwrap_err().to_string();
    assert!(error.contains("pictures.jsonl: line 1 is damaged"), "{error}");
}

#[test]
fn a_folder_of_other_settings_is_refused_with_both_values() {
    let folder = tempfile::tempdir().unwrap();
    Run::open(folder.path(), &settings(2)).unwrap();
    let error = Run::open(folder.path(), &settings(3)).unwrap_err().to_string();
    assert!(error.contains("steps = 2, not 3") && !error.contains("model"), "{error}");
    // What the folder has not decided yet may be added.
    let mut more = settings(2);
    more.insert("tune".to_owned(), "abc".into());
    Run::open(folder.path(), &more).unwrap();
    Run::open(folder.path(), &settings(2)).unwrap();
    more.insert("tune".to_owned(), "other".into());
    assert!(Run::open(folder.path(), &more).is_err());
}

#[test]
fn an_item_that_cannot_be_painted_is_named_before_any_is() {
    let folder = tempfile::tempdir().unwrap();
    let (mut set, out) = (set(&folder.path().join("set")), folder.path().join("out"));
    set.items[1].texts.push("a third thing".to_owned());
    let (result, seeds) = paint_into(&out, &set, |_| None);
    let error = result.unwrap_err().to_string();
    assert!(error.contains("item 1") && error.contains("4 region texts"), "{error}");
    assert!(seeds.is_empty());
}

#[test]
fn a_painters_error_names_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (set, out) = (set(&folder.path().join("set")), folder.path().join("out"));
    let (result, _) = paint_into(&out, &set, |_| Some(PaintError::Failed("no colour left".into())));
    assert_eq!(result.unwrap_err().to_string(), "plain/0.png: no colour left");
}

#[test]
fn each_variant_changes_what_its_name_says_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let set = set(folder.path());
    let defaults = Defaults { w_cross: 1.2, w_self: 0.4, scheduler: Scheduler::Euler, ..Defaults::default() };
    let layout = set.items[1].layout(defaults.masks.color_match()).unwrap();
    for method in Method::ALL {
        let variant = Variant::new(method, &defaults, 4.0);
        let generation = variant.generation(&set.items[1], &layout, &defaults).unwrap();
        let settings = generation.modulation.settings();
        let expected = match method {
            Method::Plain => (0.0, 0.0, 1.0),
            Method::Cross => (1.2, 0.0, 1.0),
            Method::SelfAttention => (0.0, 0.4, 1.0),
            Method::NoArea => (1.2, 0.4, 0.0),
            Method::Both | Method::Constant => (1.2, 0.4, 1.0),
        };
        assert_eq!((settings.w_cross, settings.w_self, settings.size_adjust), expected, "{method:?}");
        assert_eq!(settings.constant, (method == Method::Constant).then_some(4.0));
        assert_eq!(generation.prompt, "a ball and a box on the ground");
        let bound = generation.regions.iter().all(|region| !region.text.is_empty());
        assert_eq!(bound, method != Method::Plain, "{method:?}");
        assert_eq!((generation.sampling.scheduler, generation.samples), (Scheduler::Euler, 1));
    }
}

#[test]
fn a_sweep_holds_the_defaults_and_paints_no_variant_under_two_names() {
    let defaults = Defaults { w_self: 0.45, ..Defaults::default() };
    let axes = benchmark::axes(&defaults);
    let named = |axis: usize| -> Vec<(f64, &str)> {
        axes[axis].points.iter().map(|(value, variant)| (*value, variant.name.as_str())).collect()
    };
    assert_eq!(
        named(0),
        [(0.0, "self"), (0.5, "w_cross-0.5"), (1.0, "both"), (1.5, "w_cross-1.5"), (2.0, "w_cross-2")]
    );
    assert_eq!(named(1)[..3], [(0.0, "cross"), (0.3, "w_self-0.3"), (0.45, "both")]);
    assert_eq!(axes[2].points[4].1.modulated_fraction, 1.0);
    assert_eq!(axes[3].points.len(), benchmark::CONSTANTS.len());
}
