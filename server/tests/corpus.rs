//! What reads others' bytes is given again what `cargo xtask fuzz` found worth keeping, whole and cut off.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../fuzz/read.rs"]
#[allow(clippy::expect_used, reason = "what is expected is part of the test")]
mod read;

use std::path::Path;

/// Each input is cut off at so many places.
const CUTS: usize = 32;

#[test]
fn nothing_that_others_send_makes_whoever_reads_it_panic() {
    for (name, read) in read::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
        let mut inputs = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            (0..=CUTS).for_each(|cut| read(&bytes[..bytes.len() * cut / CUTS]));
            inputs += 1;
        }
        assert!(inputs > 0, "{name}");
    }
}
