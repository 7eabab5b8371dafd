//! The threads of sessions. A file of its own: the process's threads are counted.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use diffusion::session::{SessionOptions, load};
use export::{Checkpoint, Precision};

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// With threads of its own each session would slow the next: they go on looking for work when their session is done.
#[test]
fn a_session_more_is_no_thread_more() {
    let checkpoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints/shallow");
    let checkpoint = Checkpoint::open(checkpoint).unwrap();
    let session = || {
        let model = checkpoint.text_encoder_models(Precision::F32).unwrap().remove(0);
        load(&model, &SessionOptions::default()).unwrap()
    };
    let first = session();
    let before = threads();
    let others = [session(), session()];
    assert_eq!(threads(), before);
    drop((first, others));
}
