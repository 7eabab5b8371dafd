//! From pictures to numbers and files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use benchmark::{Evaluator, Job, Judged, Method, Metric, Report, Run, Variant, judge, sheet, tune};
use common::{BOX, BRIGHT_BALL, evaluator, paint, set, settings};
use image::{Rgb, RgbImage};
use request::Defaults;

#[test]
fn the_evaluator_sees_what_a_picture_of_any_size_shows_where_it_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    evaluator::write(folder.path());
    let mut evaluator = Evaluator::open(folder.path()).unwrap();
    for side in [64, 128, 256, 512] {
        let picture = RgbImage::from_fn(side, side, |x, y| match (x * 4 / side, y * 4 / side) {
            (0, 0) => BRIGHT_BALL,
            (3, 1) => BOX,
            _ => Rgb([0; 3]),
        });
        let maps = evaluator.look(&picture).unwrap();
        let cell = |row: usize, column: usize| (maps.kind[row * 64 + column], maps.colour[row * 64 + column]);
        assert_eq!(cell(4, 4), (1, 1), "{side}");
        assert_eq!(cell(20, 60), (2, 0), "{side}");
        assert_eq!(cell(60, 20), (0, 0), "{side}");
        assert_eq!(maps.kind.iter().filter(|&&kind| kind == 1).count(), 256, "{side}");
    }
}

#[test]
fn an_evaluator_that_is_missing_or_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let problem = || Evaluator::open(folder.path()).unwrap_err().to_string();
    assert!(problem().contains("classes.json: cannot be read"));
    evaluator::write(folder.path());
    let classes = folder.path().join("classes.json");
    std::fs::write(&classes, evaluator::CLASSES.replace(r#", "ball", "box""#, "")).unwrap();
    assert!(problem().contains("names no kind"));
    std::fs::write(&classes, evaluator::CLASSES.replace(r#", "box""#, "")).unwrap();
    let error = Evaluator::open(folder.path()).unwrap().look(&RgbImage::new(8, 8)).unwrap_err();
    assert!(error.contains("[1, 3, 64, 64]") && error.contains("[1, 2, 64, 64]"), "{error}");
    std::fs::write(folder.path().join("segmenter.onnx"), b"no network").unwrap();
    let error = problem();
    assert!(
        error.contains("segmenter.onnx: ONNX Runtime cannot load it") && !error.contains('\n'),
        "{error}"
    );
}

/// Paints plain, both, and a variant whose pictures are missing; returns the run's folder and the report.
fn report(folder: &std::path::Path) -> Report {
    let (set, out) = (set(&folder.join("set")), folder.join("out"));
    evaluator::write(&folder.join("evaluator"));
    let mut evaluator = Evaluator::open(&folder.join("evaluator")).unwrap();
    let defaults = Defaults::default();
    let variants = [Method::Plain, Method::Both].map(|method| Variant::new(method, &defaults, 1.0));
    let mut run = Run::open(&out, &settings(2)).unwrap();
    let jobs = Job::all(&set, "", &variants);
    run.paint(&jobs, &defaults, &mut |g, l, seed| paint(g, l, seed), &mut |_, _| {}).unwrap();
    let mut judged = |variant: &Variant| {
        let jobs: Vec<Job<'_>> = jobs.iter().copied().filter(|job| job.variant == variant).collect();
        judge(&run, &jobs, Some(&mut evaluator), &mut |_| true).unwrap()
    };
    let judged: Vec<(Variant, Vec<Judged>)> =
        variants.iter().map(|variant| (variant.clone(), judged(variant))).collect();
    sheet::sheet(&run, &jobs, 2, &out.join("sheet.png")).unwrap();
    Report::new(settings(2), evaluator.accuracy.clone(), &judged)
}

#[test]
fn the_report_says_what_the_pictures_show() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(folder.path());
    let [plain, both] = &report.variants[..] else { panic!("two variants") };
    let value = |row: &benchmark::Row, metric| row.metrics[&metric].value;
    // The fake paints the regions, if it knows them, and else a dark ball in the right half: both items have their ball,
    // neither in its region, and no box.
    assert_eq!(Metric::SCORES.map(|metric| value(both, metric)), [1.0; 4]);
    assert_eq!(value(plain, Metric::Object), 2.0 / 3.0);
    assert_eq!(Metric::SCORES[1..].iter().map(|&metric| value(plain, metric)).sum::<f64>(), 0.0);
    assert_eq!((both.pictures, both.objects, both.scored), (2, 3, 3));
    assert!(value(both, Metric::Seconds) > 0.0);

    let versus = &both.versus_plain;
    assert!((versus[&Metric::Object].difference.value - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(versus[&Metric::Object].ratio.unwrap().value, 1.5);
    assert_eq!(versus[&Metric::Iou].difference.value, 1.0);
    assert_eq!(versus[&Metric::Iou].ratio, None, "nothing is twice nothing");
    assert!(plain.versus_plain.is_empty() && both.versus_both.is_empty());
    let (single, count) = report.plain_single.unwrap();
    assert_eq!((single.value, count), (1.0, 1));
}

#[test]
fn ablations_are_compared_with_the_whole_method() {
    let picture = |iou: f64| {
        let object = benchmark::score::ObjectScore { there: true, in_region: true, iou, bound: None };
        vec![Judged { id: 0, named: 1, objects: vec![object], seconds: 1.0 }]
    };
    let variant = |method| Variant::new(method, &Defaults::default(), 1.0);
    let judged = [(Method::Plain, 0.1), (Method::Both, 0.4), (Method::Cross, 0.3)]
        .map(|(m, iou)| (variant(m), picture(iou)));
    let report = Report::new(settings(2), None, &judged);
    let [plain, both, cross] = &report.variants[..] else { panic!("three variants") };
    assert!(plain.versus_both.is_empty() && both.versus_both.is_empty());
    assert!((cross.versus_both[&Metric::Iou].difference.value + 0.1).abs() < 1e-12);
    let page = report.to_markdown();
    let section = &page[page.find("## Against the whole method").unwrap()..];
    assert!(section.contains("| cross |") && !section.contains("| plain |"), "{section}");
}

#[test]
fn the_report_is_written_as_table_json_plot_and_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut report = report(folder.path());
    report.write(&out).unwrap();
    let table = std::fs::read_to_string(out.join("report.md")).unwrap();
    assert!(
        table.contains("| both | 100.0 % [100.0, 100.0] | 100.0 % [100.0, 100.0] | 1.000 [1.000, 1.000] |"),
        "{table}"
    );
    assert!(table.contains("Plain captions with one object: object accuracy 100.0 %"), "{table}");
    assert!(table.contains("x 1.50"), "{table}");
    assert!(table.contains("- steps: 2"), "{table}");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["variants"][1]["metrics"]["iou"]["value"], 1.0);
    assert_eq!(json["variants"][1]["variant"]["w_self"], 0.3);
    let plot = std::fs::read_to_string(out.join("report.svg")).unwrap();
    assert!(plot.starts_with("<svg") && plot.trim_end().ends_with("</svg>"));
    assert!(plot.contains("plain") && plot.contains("object in region"));
    assert!(!out.join("sweep.svg").exists());
    // Two groups of a layout and two pictures; the second variant's bright ball is in the first group's third place.
    let sheet = image::open(out.join("sheet.png")).unwrap().into_rgb8();
    assert_eq!((sheet.width(), sheet.height()), (400, 272));
    assert_eq!(*sheet.get_pixel(4 + 2 * 132 + 30, 4 + 64), BRIGHT_BALL);

    let points = [0.0, 1.0].map(|value| (value, report.variants[1].clone()));
    report.sweeps.push(benchmark::Sweep { name: "w_cross".into(), points: points.into() });
    report.write(&out).unwrap();
    assert!(std::fs::read_to_string(out.join("sweep.svg")).unwrap().contains("w_cross"));
    assert!(report.to_markdown().contains("## Sweep: w_cross"));
}

#[test]
fn the_constant_with_the_best_iou_is_taken_the_smaller_of_equals() {
    let picture = |iou: f64| {
        let object = benchmark::score::ObjectScore { there: true, in_region: true, iou, bound: None };
        vec![Judged { id: 0, named: 1, objects: vec![object], seconds: 1.0 }]
    };
    let tuned = tune(&[(1.0, picture(0.2)), (2.0, picture(0.6)), (4.0, picture(0.6))]).unwrap();
    assert_eq!((tuned.constant, tuned.tried.len()), (2.0, 3));
    assert_eq!(tune(&[(1.0, Vec::new())]), None);
}
