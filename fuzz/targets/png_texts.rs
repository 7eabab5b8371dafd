//! What a PNG says of itself.
#![no_main]

#[allow(dead_code)]
#[path = "../../server/src/picture.rs"]
mod picture;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = picture::texts(bytes);
    let _ = picture::carried_request(bytes);
});
