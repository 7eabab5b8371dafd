//! A checkpoint in one file, as somebody publishes it.
#![no_main]

#[path = "../read.rs"]
mod read;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read::single_file(bytes));
