//! Sets as they are published, and as they come damaged.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::path::Path;

use benchmark::{Classes, Set, read_pickle, wanted};
use common::{evaluator, published, write_set};
use layout::ColorMatch;
use proptest::prelude::*;

fn problem(folder: &Path) -> String {
    let error = Set::read(folder).unwrap_err().to_string();
    assert!(!error.contains('\n') && error.contains(&*folder.to_string_lossy()), "{error}");
    error
}

#[test]
fn the_published_pickle_says_what_the_json_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(published().join("valset.pkl"), folder.path().join("valset.pkl")).unwrap();
    // The original's pictures may also lie beside the file.
    for id in 0..20 {
        let name = format!("{id}.png");
        std::fs::copy(published().join("valset_layout").join(&name), folder.path().join(&name)).unwrap();
    }
    let (pickle, json) = (Set::read(folder.path()).unwrap(), Set::read(&published()).unwrap());
    let texts = |set: &Set| -> Vec<_> {
        set.items.iter().map(|item| (item.id, item.prompt.clone(), item.texts.clone())).collect()
    };
    assert_eq!(texts(&pickle), texts(&json));
    assert_eq!(json.items.len(), 20);
    assert_eq!(json.items[13].id, 13);
    assert!(json.items[0].prompt.starts_with("There is a cute monkey on a thick branch"));
    for item in &pickle.items {
        assert_eq!(item.layout(ColorMatch::default()).unwrap().regions(), item.texts.len());
    }
}

#[test]
fn a_pickle_that_would_run_a_command_is_refused_and_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("marker");
    let command = format!("touch {}", marker.display());
    let length = command.len() as u8;
    // `pickle.dumps` of an object whose `__reduce__` returns (os.system, (command,)), protocols 0, 2 and 4.
    let old = format!("cposix\nsystem\np0\n(V{command}\np1\ntp2\nRp3\n.").into_bytes();
    let mut second = b"\x80\x02cposix\nsystem\nq\x00X".to_vec();
    second.extend(u32::from(length).to_le_bytes());
    second.extend(format!("{command}q\x01").as_bytes());
    second.extend(b"\x85q\x02Rq\x03.");
    let mut new = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c".to_vec();
    new.push(length);
    new.extend(command.as_bytes());
    new.extend(b"\x94\x85\x94R\x94.");
    for pickle in [old, second, new] {
        std::fs::write(folder.path().join("valset.pkl"), pickle).unwrap();
        let problem = problem(folder.path());
        assert!(problem.contains("a class or a function to be called, which is refused"), "{problem}");
        assert!(!marker.exists());
    }
}

#[test]
fn pickles_that_fill_the_memory_or_the_stack_are_refused() {
    let shared = [b"]\x94(".to_vec(), b"h\x00".repeat(1000), b"e.".to_vec()].concat();
    assert!(read_pickle(&shared).unwrap_err().problem.contains("stands in two places"));
    let doubled = [b"]".to_vec(), b"2a".repeat(60), b".".to_vec()].concat();
    assert!(read_pickle(&doubled).unwrap_err().problem.contains("0x32"));
    let deep = [b"]".repeat(1 << 20), b"a".repeat((1 << 20) - 1), b".".to_vec()].concat();
    assert!(read_pickle(&deep).unwrap_err().problem.contains("wait at once"));
    let text = [b"X\x00\x00\x10\x00".to_vec(), vec![b'x'; 1 << 20], b"\x94".to_vec()].concat();
    let repeated = [text, b"h\x00".repeat(1000), b".".to_vec()].concat();
    assert!(read_pickle(&repeated).unwrap_err().problem.contains("bytes of text"));
}

proptest! {
    #[test]
    fn no_pickle_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_pickle(&bytes);
    }

    #[test]
    fn a_pickle_with_a_flipped_byte_gives_a_set_or_a_message(at in 0usize..3249, byte in any::<u8>()) {
        let mut bytes = std::fs::read(published().join("valset.pkl")).unwrap();
        bytes[at] = byte;
        if let Err(error) = read_pickle(&bytes) {
            prop_assert!(error.at < bytes.len());
        }
        let cut = read_pickle(&bytes[..at]);
        prop_assert!(cut.is_err());
    }
}

#[test]
fn what_is_missing_or_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert!(problem(path).contains("neither valset.json nor valset.pkl"));
    assert!(problem(&path.join("nowhere")).contains("neither valset.json nor valset.pkl"));

    write_set(path);
    let texts = std::fs::read_to_string(path.join("valset.json")).unwrap();
    let damaged = |old: &str, new: &str| {
        assert!(texts.contains(old));
        std::fs::write(path.join("valset.json"), texts.replace(old, new)).unwrap();
        problem(path)
    };
    assert!(damaged("]", "").contains("is not JSON"));
    assert!(damaged("\"id\": 1", "\"id\": 0").contains("item 0 stands there twice"));
    assert!(damaged("\"id\": 1,", "").contains("has no number"));
    assert!(damaged("\"a ball\",", "").contains("item 1: 2 objects for 2 regions"));
    assert!(damaged("textual_condition", "text").contains("item \"0\": missing field"));
    assert!(damaged(&texts, "[]").contains("0 items"));
    assert!(damaged(&texts, "3").contains("neither a list nor a dictionary"));

    write_set(path);
    std::fs::write(path.join("valset_layout/0.png"), b"no picture").unwrap();
    let error = Set::read(path).unwrap().items[0].layout(ColorMatch::default()).unwrap_err().to_string();
    assert!(error.contains("0.png") && error.contains("is no layout picture"), "{error}");
    std::fs::remove_file(path.join("valset_layout/0.png")).unwrap();
    assert!(problem(path).contains("the layout picture of item 0 is missing"));
}

#[test]
fn a_file_is_named_itself_where_its_folder_has_several_and_items_with_too_few_colours_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_set(path);
    std::fs::rename(path.join("valset_layout"), path.join("testset_layout")).unwrap();
    std::fs::rename(path.join("valset.json"), path.join("testset.json")).unwrap();
    write_set(path);
    // As item 57 of the original's test set.
    image::RgbImage::new(8, 8).save(path.join("testset_layout/1.png")).unwrap();
    let left_out = |set: &Path| Set::read(set).unwrap().leave_out_incomplete(ColorMatch::default()).unwrap();
    assert_eq!((left_out(path), left_out(&path.join("testset.json"))), (vec![], vec![1]));
}

#[test]
fn sets_of_the_same_pictures_are_told_apart_by_their_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_set(path);
    let texts = std::fs::read_to_string(path.join("valset.json")).unwrap();
    let digest = |name: &str, texts: &str| {
        std::fs::write(path.join(name), texts).unwrap();
        Set::read(&path.join(name)).unwrap().digest().unwrap()
    };
    for id in 0..2 {
        let name = format!("{id}.png");
        std::fs::copy(path.join("valset_layout").join(&name), path.join(&name)).unwrap();
    }
    assert_ne!(digest("one.json", &texts), digest("two.json", &texts.replace("a ball", "a box")));
}

#[test]
fn a_set_without_objects_is_scored_where_a_text_names_one_kind_that_the_evaluator_knows() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path());
    let mut item = Set::read(folder.path()).unwrap().items.remove(0);
    let classes: Classes = serde_json::from_str(evaluator::CLASSES).unwrap();
    item.objects = None;
    let texts = ["a ball pit", "a BRIGHT ball, bouncing", "a ball in a box", "a basketball", "a bright box"];
    item.texts = texts.map(str::to_owned).to_vec();
    let found: Vec<_> = wanted(&item, &classes).iter().map(|it| (it.region, it.kind, it.colour)).collect();
    // The background is none, two kinds are none, part of a word is none; boxes come in one colour.
    assert_eq!(found, [(1, 1, Some(1)), (4, 2, None)]);
}
