//! The safety checker: what it objects to is blurred, and that is said.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "../../../fixtures/copies.rs"]
mod copies;

use std::fs;
use std::path::Path;

use common::{Run, fixtures};
use copies::{add_safety_checker, copy};
use diffusion::{CancelToken, DiffusionError, LoadOptions, Picture, Pipeline};
use image::RgbImage;
use tempfile::TempDir;

/// The run's checkpoint with the safety checker of the fixtures, which objects to its second picture.
fn with_safety_checker(run: &Run) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&run.checkpoint, folder.path());
    add_safety_checker(&fixtures().join("checkpoints"), folder.path());
    folder
}

fn load(folder: &Path, safety_checker: bool) -> Result<Pipeline, DiffusionError> {
    Pipeline::load(folder, &LoadOptions { safety_checker, ..LoadOptions::default() })
}

fn paint(run: &Run, pipeline: &Pipeline) -> Vec<Picture> {
    let cancel = CancelToken::default();
    let painting = pipeline.generate(&run.generation, &run.layout, run.seed, &cancel, &mut |_| {}).unwrap();
    painting.pictures().collect::<Result<_, _>>().unwrap()
}

/// How far neighbours in a row are apart on average, in 1/255.
fn detail(picture: &RgbImage) -> f64 {
    let (width, height) = picture.dimensions();
    let steps = (0..height).flat_map(|y| (1..width).map(move |x| (x, y)));
    let apart = |(x, y)| {
        let (left, right) = (picture.get_pixel(x - 1, y), picture.get_pixel(x, y));
        left.0.iter().zip(right.0).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>()
    };
    steps.map(apart).sum::<f64>() / f64::from(3 * (width - 1) * height)
}

fn mean(picture: &RgbImage) -> f64 {
    picture.iter().map(|value| f64::from(*value)).sum::<f64>() / picture.len() as f64
}

#[test]
fn what_the_safety_checker_objects_to_is_blurred_and_that_is_said() {
    let run = Run::open("shallow_euler");
    let folder = with_safety_checker(&run);
    let plain = paint(&run, &load(folder.path(), false).unwrap());
    assert!(plain.iter().all(|picture| picture.note.is_none()), "it is switched off");
    let without = paint(&run, &load(&run.checkpoint, true).unwrap());
    assert!(without.iter().all(|picture| picture.note.is_none()), "there is none");

    let pipeline = load(folder.path(), true).unwrap();
    assert!(pipeline.has_safety_checker());
    let [harmless, concept] = &paint(&run, &pipeline)[..] else { panic!("two pictures") };
    for (picture, others) in [(harmless, &plain[0]), (harmless, &without[0]), (&plain[1], &without[1])] {
        assert!(picture.image == others.image && picture.note.is_none());
    }
    let note = concept.note.as_deref().unwrap();
    assert!(note.starts_with("picture 2 was blurred"), "{note}");
    let (before, after) = (&plain[1].image, &concept.image);
    assert_eq!(before.dimensions(), after.dimensions());
    assert!(detail(after) < detail(before) / 8.0, "{} of {}", detail(after), detail(before));
    assert!((mean(after) - mean(before)).abs() < 8.0, "{} instead of {}", mean(after), mean(before));
}

#[test]
fn a_safety_checker_that_cannot_be_used_is_told_with_the_way_around_it() {
    let run = Run::open("shallow_euler");
    let folder = with_safety_checker(&run);
    fs::remove_file(folder.path().join("safety_checker/model.safetensors")).unwrap();
    let error = load(folder.path(), true).unwrap_err().to_string();
    for part in ["safety_checker", "no model.safetensors", "--safety-checker off"] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
    assert!(!load(folder.path(), false).unwrap().has_safety_checker());
}
