//! A LoRA, as somebody publishes it.
#![no_main]

#[path = "../read.rs"]
mod read;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read::lora(bytes));
