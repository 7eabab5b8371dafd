//! A picture of a layout, as a client uploads it.
#![no_main]

#[allow(dead_code)]
#[path = "../../server/src/picture.rs"]
mod picture;

use layout::{Background, ColorMatch, Layout, Picture};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(rgba) = picture::decode_layout(bytes) else { return };
    let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
    for (texts, colors) in [(1, ColorMatch::Exact), (3, ColorMatch::default())] {
        let _ = Layout::from_colors(picture, texts, Background::default(), colors);
    }
});
