//! Previews of unfinished pictures, as events.

use std::io::Cursor;

use api::{Event, Preview};
use base64::Engine;
use image::{ImageFormat, RgbImage};

/// Encodes the event; `None` if that fails, which is no reason to stop painting.
pub fn event(sample: u32, picture: &RgbImage) -> Option<Event> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).ok()?;
    let png = base64::engine::general_purpose::STANDARD.encode(png.get_ref());
    Some(Event::Preview(Preview { sample, width: picture.width(), height: picture.height(), png }))
}
