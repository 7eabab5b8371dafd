//! A picture of a layout, as a client uploads it.
#![no_main]

#[path = "../read.rs"]
mod read;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read::layout_picture(bytes));
