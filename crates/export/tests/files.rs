//! Written models: what lies where, links, and nothing half written.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::copies::copy;
use common::folder::{Copied, build};
use export::{Checkpoint, Linked, Precision, write};

#[test]
fn weights_lie_beside_the_graphs_and_are_linked_if_asked() {
    let copied = Copied::of("sd2");
    let out = copied.file("exported/here");
    let written =
        write(&Checkpoint::open(copied.path()).unwrap(), &out, Precision::F32, Linked::HardLink).unwrap();
    assert_eq!(written.models.len(), 4);
    for path in &written.models {
        assert!(path.is_file(), "{}", path.display());
    }
    assert_eq!(written.weights.len(), 6, "three shards of the UNet, text encoder, and the VAE twice");
    for (path, linked) in &written.weights {
        assert_eq!(*linked, Linked::HardLink);
        assert!(fs::symlink_metadata(path).unwrap().is_file());
    }
    assert!(out.join("tokenizer/vocab.json").is_file());
    assert!(out.join("scheduler/scheduler_config.json").is_file());
    let left = fs::read_dir(out.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left beside the model");
}

#[cfg(unix)]
#[test]
fn a_hub_cache_of_symbolic_links_can_be_exported_and_loaded() {
    let cache = tempfile::tempdir().unwrap();
    let (blobs, snapshot) = (cache.path().join("blobs"), cache.path().join("snapshots/main"));
    copy(&common::checkpoint("sd2"), &snapshot);
    fs::create_dir(&blobs).unwrap();
    replace_by_links(&snapshot, &blobs);

    let checkpoint = Checkpoint::open(&snapshot).unwrap();
    let out = cache.path().join("out");
    write(&checkpoint, &out, Precision::F32, Linked::Copy).unwrap();
    common::session(&out.join("unet/model.onnx"));

    let (folder, model) = checkpoint.unet_model(Precision::F32).unwrap().with_weights_in_place().unwrap();
    assert_eq!(folder, fs::canonicalize(&blobs).unwrap());
    let graph = model.graph.unwrap();
    let locations = graph.initializer.iter().flat_map(|tensor| &tensor.external_data);
    for entry in locations.filter(|entry| entry.key == "location") {
        assert!(folder.join(&entry.value).is_file(), "{}", entry.value);
    }
}

#[cfg(unix)]
fn replace_by_links(folder: &Path, blobs: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            replace_by_links(&path, blobs);
        } else {
            let blob = blobs.join(format!("{:x}", fs::read_dir(blobs).unwrap().count()));
            fs::rename(&path, &blob).unwrap();
            std::os::unix::fs::symlink(&blob, &path).unwrap();
        }
    }
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("letter.txt"), "dear").unwrap();
    let checkpoint = Checkpoint::open(common::checkpoint("shallow")).unwrap();
    let error = write(&checkpoint, out.path(), Precision::F32, Linked::Copy).unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let checkpoint = Checkpoint::open(common::checkpoint("shallow")).unwrap();
    let error = write(&checkpoint, &file.join("out"), Precision::F32, Linked::Copy).unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("file"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn a_failure_on_the_way_leaves_nothing_behind() {
    let copied = Copied::of("shallow");
    let parent = tempfile::tempdir().unwrap();
    let checkpoint = Checkpoint::open(copied.path()).unwrap();
    fs::remove_file(copied.file("vae/diffusion_pytorch_model.safetensors")).unwrap();
    let error =
        write(&checkpoint, &parent.path().join("out"), Precision::F32, Linked::Copy).unwrap_err().to_string();
    assert!(error.contains("vae/diffusion_pytorch_model.safetensors"), "{error}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}

/// Gives the three shards of the UNet of `sd2`, and their index, other names: what follows the stem.
fn renamed(index: &str, shard: impl Fn(usize) -> String) -> Copied {
    const STEM: &str = "unet/diffusion_pytorch_model";
    let copied = Copied::of("sd2");
    let (plain, other) = (format!("{STEM}.safetensors.index.json"), format!("{STEM}{index}"));
    fs::rename(copied.file(&plain), copied.file(&other)).unwrap();
    for n in 1..=3 {
        let (old, new) = (format!("-0000{n}-of-00003.safetensors"), shard(n));
        fs::rename(copied.file(&format!("{STEM}{old}")), copied.file(&format!("{STEM}{new}"))).unwrap();
        copied.edit(&other, |text| {
            *text = String::from_utf8_lossy(text).replace(&old, &new).into_bytes();
        });
    }
    copied
}

#[test]
fn f16_shards_are_found_under_all_names_that_are_pulled() {
    let now = |n| format!(".fp16-0000{n}-of-00003.safetensors");
    let then = |n| format!("-0000{n}-of-00003.fp16.safetensors");
    for copied in [
        renamed(".safetensors.index.fp16.json", now),
        renamed(".safetensors.fp16.index.json", then),
        renamed(".safetensors.index.fp16.json", then),
    ] {
        build(copied.path()).unwrap();
    }
}

#[test]
fn plain_weights_are_preferred_to_their_f16_variant() {
    let copied = Copied::of("shallow");
    fs::write(copied.file("unet/diffusion_pytorch_model.fp16.safetensors"), "not read").unwrap();
    build(copied.path()).unwrap();
}
