//! `dense-diffusion benchmark`, as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;
#[path = "../../crates/benchmark/tests/common/evaluator.rs"]
mod evaluator;

use std::path::{Path, PathBuf};

use common::{checkpoint, error_line, files, fixtures, run, stdout};
use serde_json::Value;

/// A model of 64 pixels and the folders of a benchmark.
struct Bench {
    folder: tempfile::TempDir,
    model: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = common::copied("shallow", folder.path());
        std::fs::write(model.join("defaults.json"), r#"{"width": 64, "height": 64, "w_self": 0.4}"#).unwrap();
        evaluator::write(&folder.path().join("evaluator"));
        for (set, size) in [("set", 64), ("tune", 48)] {
            write_set(&folder.path().join(set), size);
        }
        Self { folder, model }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, steps: usize, flags: &str) -> std::process::Output {
        let [set, tune, evaluator, out] = ["set", "tune", "evaluator", "out"].map(|name| self.path(name));
        let arguments = format!("benchmark --steps {steps} {flags}");
        run(
            &arguments,
            &[
                &"--set",
                &set,
                &"--tune",
                &tune,
                &"--evaluator",
                &evaluator,
                &"--model",
                &self.model,
                &"--out",
                &out,
            ],
        )
    }

    fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("out/report.json")).unwrap()).unwrap()
    }
}

/// Two layouts of the tiny vocabulary's words.
fn write_set(folder: &Path, size: u32) {
    std::fs::create_dir_all(folder.join("valset_layout")).unwrap();
    let item = |id: u32| {
        serde_json::json!({"id": id, "textual_condition": "a squirrel and a sign in the desert",
            "segment_descriptions": ["desert", "squirrel", "sign"],
            "objects": [{"kind": "ball", "colour": "bright"}, {"kind": "box", "colour": null}]})
    };
    std::fs::write(folder.join("valset.json"), serde_json::to_vec(&[item(0), item(1)]).unwrap()).unwrap();
    for id in 0..2 {
        let picture =
            image::RgbImage::from_fn(size, size, |x, y| match (x * 8 / size, (y * 8 / size + id) % 8) {
                (0..=4, 1..7) => image::Rgb([200, 0, 0]),
                (5..8, 2..6) => image::Rgb([0, 0, 200]),
                _ => image::Rgb([255; 3]),
            });
        picture.save(folder.join(format!("valset_layout/{id}.png"))).unwrap();
    }
}

#[test]
fn a_benchmark_ends_in_table_json_plot_and_sheet_and_paints_nothing_twice() {
    let bench = Bench::new();
    let shown = stdout(&bench.run(2, "--sweep"));
    // 2 layouts in 6 variants; for tuning 2 in 6 values of c and in 14 points of the sweep, some of which are variants.
    assert!(shown.contains("\n52 pictures painted"), "{shown}");
    for name in ["w_cross", "w_self", "modulated_fraction", "constant"] {
        assert!(shown.contains(&format!("## Sweep: {name}")), "{shown}");
    }
    assert!(shown.contains("| both |") && shown.contains("| constant-"), "{shown}");
    let written = files(&bench.path("out"));
    for name in [
        "report.json",
        "report.md",
        "report.svg",
        "sweep.svg",
        "sheet.png",
        "pictures.jsonl",
        "settings.json",
    ] {
        assert!(written.contains(&name.to_owned()), "{name} is not in {written:?}");
    }
    assert_eq!(files(&bench.path("out/both")), ["0.png", "1.png"]);
    let report = bench.report();
    assert_eq!(report["variants"].as_array().unwrap().len(), 6);
    assert_eq!(report["settings"]["steps"], 2);
    assert_eq!(report["variants"][3]["variant"]["w_self"], 0.4);
    assert_eq!(report["variants"][3]["objects"], 4);
    assert!(report["variants"][3]["metrics"]["seconds"]["value"].as_f64().unwrap() > 0.0);
    assert!(report["variants"][3]["versus_plain"]["iou"]["difference"]["low"].is_number());
    assert_eq!(report["constant"]["tried"].as_array().unwrap().len(), 6);

    let picture = std::fs::metadata(bench.path("out/both/1.png")).unwrap().modified().unwrap();
    let again = stdout(&bench.run(2, "--sweep"));
    assert!(again.contains("\n0 pictures painted"), "{again}");
    assert_eq!(std::fs::metadata(bench.path("out/both/1.png")).unwrap().modified().unwrap(), picture);
    // Fewer variants and layouts are a part of what is there.
    assert!(stdout(&bench.run(2, "--variants plain,both --limit 1")).contains("\n0 pictures painted"));
    let error = error_line(&bench.run(3, ""));
    assert!(error.contains("steps = 2, not 3"), "{error}");
}

#[test]
fn pictures_of_other_loras_or_another_precision_are_not_taken_for_these() {
    let bench = Bench::new();
    let lora = fixtures().join("loras/kohya.safetensors").display().to_string();
    stdout(&bench.run(2, "--variants both --limit 1"));
    let error = error_line(&bench.run(2, &format!("--variants both --limit 1 --lora {lora}")));
    assert!(error.contains("loras = null, not"), "{error}");
    let error = error_line(&bench.run(2, "--variants both --limit 1 --precision f16"));
    assert!(error.contains("precision = null, not"), "{error}");
}

#[test]
fn variants_have_the_same_noise_and_differ_by_the_method_alone() {
    let bench = Bench::new();
    stdout(&bench.run(2, "--variants plain,cross,self,both --limit 1"));
    let pixels = |variant: &str| {
        image::open(bench.path("out").join(variant).join("0.png")).unwrap().into_rgb8().into_raw()
    };
    let painted = std::fs::read_to_string(bench.path("out/pictures.jsonl")).unwrap();
    let seed = |line: &str| serde_json::from_str::<Value>(line).unwrap()["seed"].as_u64().unwrap();
    let seeds: Vec<u64> = painted.lines().map(seed).collect();
    assert!(seeds.len() == 4 && seeds.iter().all(|seed| *seed == seeds[0]), "{painted}");
    let all = ["plain", "cross", "self", "both"].map(pixels);
    for (n, one) in all.iter().enumerate() {
        assert!(all[n + 1..].iter().all(|other| other != one), "variant {n} is like another");
    }
}

#[test]
fn the_published_set_gives_pictures_and_times_without_an_evaluator() {
    let bench = Bench::new();
    let (set, out, graphs) = (fixtures().join("benchmark"), bench.path("out"), bench.path("graphs"));
    let output = run(
        "benchmark --steps 2 --limit 2 --variants both",
        &[&"--set", &set, &"--model", &checkpoint("sd1"), &"--out", &out, &"--graph-cache", &graphs],
    );
    let shown = stdout(&output);
    assert!(shown.contains("no evaluator: times and pictures only"), "{shown}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no scores"));
    assert!(out.join("sheet.png").is_file() && out.join("both/1.png").is_file());
    assert_eq!(files(&graphs).len(), 3, "each network is kept as it was optimised");
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_painted() {
    let bench = Bench::new();
    let refused = |flags: &str, more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let (set, out) = (bench.path("set"), bench.path("out"));
        let arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = [
            &[&"--set" as &dyn AsRef<std::ffi::OsStr>, &set, &"--model", &bench.model, &"--out", &out],
            more,
        ]
        .concat();
        let output = run(&format!("benchmark {flags}"), &arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && !out.exists(), "{stderr}");
        stderr
    };
    assert!(refused("--sweep", &[]).contains("--sweep needs an evaluator"));
    assert!(
        refused("--variants constant", &[])
            .contains("give one by --evaluator, or the constant by --constant")
    );
    assert!(refused("--evaluator nowhere", &[]).contains("classes.json: cannot be read"));
    assert!(refused("--variants half", &[]).contains("plain, cross, self, both, no-area, constant"));
    let nowhere = bench.path("nowhere");
    assert!(
        refused("", &[&"--evaluator", &bench.path("evaluator"), &"--tune", &nowhere])
            .contains("no benchmark set")
    );
}

#[test]
fn strengths_are_set_by_flags_and_a_folder_with_others_is_not_gone_on_with() {
    let bench = Bench::new();
    stdout(&bench.run(1, "--variants both --w-self 0 --exponent 3"));
    let settings = &bench.report()["settings"];
    assert_eq!((&settings["w_self"], &settings["exponent"]), (&0.0.into(), &3.0.into()), "{settings}");
    let line = error_line(&bench.run(1, "--variants both"));
    assert!(line.contains("w_self") && line.contains("exponent"), "{line}");
    let line = error_line(&bench.run(1, "--variants both --w-cross 7"));
    assert!(line.contains("w_cross"), "{line}");
}
