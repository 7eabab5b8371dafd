//! The model's safety checker, as users and hosts have to do with it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};

use base64::Engine;
use common::studio::Studio;
use common::{command, files, fixtures, run, stdout, with_safety_checker};
use serde_json::{Value, json};

/// The run whose second picture the safety checker of the fixtures objects to.
fn recorded() -> PathBuf {
    fixtures().join("reference/shallow_euler/request.json")
}

fn pixels(png: &[u8]) -> Vec<u8> {
    image::load_from_memory(png).unwrap().into_rgb8().into_raw()
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    pixels(&std::fs::read(folder.join(name)).unwrap())
}

#[test]
fn the_command_line_blurs_and_says_so_unless_it_is_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) = (with_safety_checker(folder.path()), recorded());
    let paint = |flags: &str, out: &str| {
        let out = folder.path().join(out);
        let arguments: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"--model", &model, &"--request", &request, &"--out", &out];
        let output = run(&format!("generate {flags}"), &arguments);
        stdout(&output);
        assert_eq!(files(&out), ["0.png", "1.png"]);
        (out, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (plain, told) = paint("--safety-checker off", "off");
    assert!(!told.contains("blurred"), "{told}");
    let (checked, told) = paint("", "on");
    assert!(told.contains("note: picture 2 was blurred"), "{told}");
    assert_eq!(read(&plain, "0.png"), read(&checked, "0.png"));
    assert_ne!(read(&plain, "1.png"), read(&checked, "1.png"));
}

#[test]
fn the_studio_blurs_and_says_so_unless_the_host_switches_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let model = with_safety_checker(folder.path());
    let mut wanted: Value = serde_json::from_slice(&std::fs::read(recorded()).unwrap()).unwrap();
    let layout = std::fs::read(recorded().with_file_name("layout.png")).unwrap();
    wanted["layout"] = json!({ "png": base64::engine::general_purpose::STANDARD.encode(layout) });
    let paint = |switch: &str| {
        let data = folder.path().join(format!("data-{switch}"));
        let studio = Studio::with(&format!("--safety-checker {switch}"), &data, &model);
        let mut client = studio.client();
        let job = client.submit(&wanted);
        let job = client.end(&job);
        let pictures = [0, 1].map(|number| pixels(&client.picture(&job, number).body));
        (job.notes, pictures)
    };
    let (told, plain) = paint("off");
    assert!(told.is_empty(), "{told:?}");
    let (told, checked) = paint("on");
    assert!(told.len() == 1 && told[0].starts_with("picture 2 was blurred"), "{told:?}");
    assert!(checked[0] == plain[0] && checked[1] != plain[1]);
}

#[test]
fn the_switch_is_a_setting_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("serve.toml");
    std::fs::write(&file, "safety-checker = 'off'\n").unwrap();
    let printed = stdout(&run("serve --print-config", &[&"--config", &file]));
    assert!(printed.contains("safety-checker = \"off\" # file"), "{printed}");
    let mut command = command("serve --print-config", &[]);
    let printed = stdout(&command.env("DENSE_DIFFUSION_SAFETY_CHECKER", "off").output().unwrap());
    assert!(printed.contains("safety-checker = \"off\" # environment"), "{printed}");
    assert!(stdout(&run("serve --print-config", &[])).contains("safety-checker = \"on\" # default"));
}
