//! Broken connections, damaged bytes, cancelling.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use hub::{FileSize, HubError, Progress, resolve_with};
use support::{COMMIT, Hub, ID, Watch, files_in, pipeline, pull, sha256, weights};

const CUT: usize = 1_300_000;

/// The first of the weights to be fetched.
const FIRST: &str = "text_encoder/model.safetensors";

fn partial(cache: &tempfile::TempDir) -> PathBuf {
    cache.path().join(format!("models--owner--name/blobs/{}.incomplete", sha256(&weights(1))))
}

fn ranges(hub: &Hub) -> Vec<Option<String>> {
    hub.requests().into_iter().filter(|r| r.path == format!("/storage/{FIRST}")).map(|r| r.range).collect()
}

#[test]
fn a_second_run_asks_for_the_rest_only_and_the_file_is_intact() {
    let hub = Hub::with(pipeline(""));
    // The second cut, before any byte, ends the first run.
    hub.state().cuts = vec![CUT, 0];
    let cache = tempfile::tempdir().unwrap();
    let config = hub.config(cache.path());

    let error = pull(&config).unwrap_err();
    assert!(matches!(error, HubError::Network { .. }), "{error}");
    assert_eq!(fs::metadata(partial(&cache)).unwrap().len(), CUT as u64);
    assert!(matches!(resolve_with(&config, ID), Err(HubError::NotCached { .. })));
    hub.requests();

    let mut watch = Watch::default();
    let snapshot = hub::pull_with(&config, ID, &mut watch, &support::GO).unwrap();
    assert_eq!(ranges(&hub), [Some(format!("bytes={CUT}-"))]);
    assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
    let first_step = watch.steps.iter().find(|(path, ..)| path == FIRST).unwrap();
    assert_eq!(first_step.1, CUT as u64);
    assert!(!partial(&cache).exists());
}

#[test]
fn a_connection_that_breaks_again_and_again_is_taken_up_within_one_run() {
    let hub = Hub::with(pipeline(""));
    hub.state().cuts = vec![1_000_000, 500_000];
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(ranges(&hub), [None, Some("bytes=1000000-".into()), Some("bytes=1500000-".into())]);
    assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
}

#[test]
fn a_server_that_knows_no_ranges_sends_the_file_anew() {
    let hub = Hub::with(pipeline(""));
    hub.state().cuts = vec![CUT];
    hub.state().ignore_range = true;
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(ranges(&hub).len(), 2);
    assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
}

#[test]
fn useless_bytes_of_an_earlier_run_are_fetched_again() {
    for useless in [vec![7; CUT], vec![7; 3_000_000], vec![7; 4_000_000]] {
        let hub = Hub::with(pipeline(""));
        let cache = tempfile::tempdir().unwrap();
        fs::create_dir_all(partial(&cache).parent().unwrap()).unwrap();
        fs::write(partial(&cache), &useless).unwrap();
        let snapshot = pull(&hub.config(cache.path())).unwrap();
        assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
        assert_eq!(ranges(&hub).last(), Some(&None), "the last request asks for the whole file");
    }
}

#[test]
fn a_file_that_is_whole_but_was_not_named_yet_is_not_fetched_again() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir_all(partial(&cache).parent().unwrap()).unwrap();
    fs::write(partial(&cache), weights(1)).unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
    assert_eq!(ranges(&hub), []);
}

#[test]
fn bytes_that_differ_from_the_announced_hash_do_not_enter_the_cache() {
    let mut flipped = weights(1);
    flipped[1_000_000] ^= 1;
    for (path, forged) in [(FIRST, flipped), ("unet/config.json", b"{\"is\": \"unet/c0nfig.json\"}".to_vec())]
    {
        let hub = Hub::with(pipeline(""));
        hub.state().forged.insert(path.into(), forged);
        let cache = tempfile::tempdir().unwrap();
        let error = pull(&hub.config(cache.path())).unwrap_err();
        assert!(matches!(&error, HubError::Damaged { file, .. } if file == path), "{error}");
        assert_eq!(error.to_string().lines().count(), 1);
        let snapshot = cache.path().join(format!("models--owner--name/snapshots/{COMMIT}"));
        assert!(!snapshot.join(path).exists());
        assert!(files_in(cache.path()).iter().all(|name| !name.ends_with(".incomplete")));
    }
}

#[test]
fn a_file_of_another_size_than_announced_is_refused() {
    let hub = Hub::with(pipeline(""));
    hub.state().forged.insert(FIRST.into(), weights(1)[..2_000_000].to_vec());
    let cache = tempfile::tempdir().unwrap();
    let message = pull(&hub.config(cache.path())).unwrap_err().to_string();
    assert!(message.contains(FIRST) && message.contains("2000000 bytes, but 3000000"), "{message}");
}

/// Cancels when half of a file is there.
struct Impatient<'a>(&'a AtomicBool);

impl Progress for Impatient<'_> {
    fn start(&mut self, _files: &[FileSize]) {}
    fn advance(&mut self, path: &str, done: u64, total: u64) {
        if path == FIRST && done >= total / 2 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_cancelled_pull_stops_within_a_file_and_can_be_continued() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let config = hub.config(cache.path());
    let cancel = AtomicBool::new(false);
    let error = hub::pull_with(&config, ID, &mut Impatient(&cancel), &cancel).unwrap_err();
    assert!(matches!(error, HubError::Cancelled), "{error}");
    let kept = fs::metadata(partial(&cache)).unwrap().len();
    assert!((1_500_000..3_000_000).contains(&kept), "{kept}");
    hub.requests();

    let snapshot = pull(&config).unwrap();
    assert_eq!(ranges(&hub), [Some(format!("bytes={kept}-"))]);
    assert_eq!(fs::read(snapshot.join(FIRST)).unwrap(), weights(1));
}
