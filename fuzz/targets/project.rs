//! A project file, as a user opens it.
#![no_main]

use editor::Document;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Document::from_project(text);
});
