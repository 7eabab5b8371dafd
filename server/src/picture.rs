//! Pictures on disk: PNGs that embed their request, and layout pictures read with limits.

use std::io::Cursor;

use anyhow::{Context, bail};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage, RgbaImage};
use layout::MAX_SIDE;
use request::{Generation, GenerationRequest, a1111_parameters};

/// Keyword of the text chunk with the whole request as JSON.
pub const REQUEST_KEYWORD: &str = "dense-diffusion";

/// Keyword of the text chunk in the format of A1111 and compatible programs.
pub const PARAMETERS_KEYWORD: &str = "parameters";

/// Limit on the total size of compressed texts: a few bytes of a PNG can expand to gigabytes.
const LONGEST_TEXTS: usize = 8 << 20;

/// Returns a picture's texts: its request as JSON, and A1111's `parameters`. The path of an inpainted picture
/// means nothing elsewhere, so the request is for a new picture.
pub fn texts_of(generation: &Generation, seed: u64, model: &str) -> anyhow::Result<(String, String)> {
    let request = GenerationRequest { inpaint: None, ..generation.to_request(seed) };
    Ok((serde_json::to_string(&request)?, a1111_parameters(generation, seed, model)))
}

/// Encodes a picture as PNG with its request (JSON) and A1111's `parameters` in text chunks.
pub fn encode_png(picture: &RgbImage, request: &str, parameters: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    for (keyword, text) in [(PARAMETERS_KEYWORD, parameters), (REQUEST_KEYWORD, request)] {
        // tEXt suits old readers, but is Latin-1; everything else goes into iTXt.
        if text.chars().all(|c| u32::from(c) < 256) {
            encoder.add_text_chunk(keyword.to_owned(), text.to_owned())?;
        } else {
            encoder.add_itxt_chunk(keyword.to_owned(), text.to_owned())?;
        }
    }
    encoder.write_header()?.write_image_data(picture.as_raw())?;
    Ok(bytes)
}

/// Decodes a picture as RGBA. One with a side over [`MAX_SIDE`] pixels is rejected before decoding.
pub fn decode(bytes: &[u8]) -> anyhow::Result<RgbaImage> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let decoder = reader.into_decoder().context("not a picture that can be read; use a PNG")?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE {
        bail!("{width}x{height} pixels; at most {MAX_SIDE} a side, please scale it down");
    }
    Ok(DynamicImage::from_decoder(decoder).context("the picture is damaged")?.into_rgba8())
}

/// The request embedded in a picture by [`encode_png`]; `None` if it is no PNG.
pub fn carried_request(bytes: &[u8]) -> anyhow::Result<Option<String>> {
    if !is_png(bytes) {
        return Ok(None);
    }
    match texts(bytes)?.into_iter().find(|(keyword, _)| keyword == REQUEST_KEYWORD) {
        Some((_, text)) => Ok(Some(text)),
        None => bail!("this picture carries no request; it was made by another program, or edited"),
    }
}

/// All texts of a PNG with their keywords; compressed ones up to a limit.
pub fn texts(bytes: &[u8]) -> anyhow::Result<Vec<(String, String)>> {
    if !is_png(bytes) {
        bail!("is no PNG");
    }
    let reader = png::Decoder::new(Cursor::new(bytes)).read_info().context("the picture is damaged")?;
    let info = reader.info();
    let mut texts = Vec::new();
    for chunk in &info.uncompressed_latin1_text {
        texts.push((chunk.keyword.clone(), chunk.text.clone()));
    }
    let mut room = LONGEST_TEXTS;
    let mut keep = |keyword: String, text: String| {
        room = room.checked_sub(text.len()).context("its texts are too long")?;
        texts.push((keyword, text));
        anyhow::Ok(())
    };
    for mut chunk in info.compressed_latin1_text.clone() {
        chunk.decompress_text_with_limit(LONGEST_TEXTS).context("its text is damaged or too long")?;
        keep(chunk.keyword.clone(), chunk.get_text().context("its text is damaged")?)?;
    }
    for mut chunk in info.utf8_text.clone() {
        chunk.decompress_text_with_limit(LONGEST_TEXTS).context("its text is damaged or too long")?;
        keep(chunk.keyword.clone(), chunk.get_text().context("its text is damaged")?)?;
    }
    Ok(texts)
}

fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_carries_its_request_in_any_language() {
        let picture = RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 9]));
        for request in [r#"{"prompt":"ein Igel, größer"}"#, r#"{"prompt":"一只猫"}"#] {
            let bytes = encode_png(&picture, request, "a hedgehog\nSteps: 50").unwrap();
            assert_eq!(carried_request(&bytes).unwrap().as_deref(), Some(request));
            assert_eq!(decode(&bytes).unwrap().get_pixel(2, 1).0, [2, 1, 9, 255]);
        }
    }

    #[test]
    fn a_text_that_swells_beyond_all_measure_is_refused() {
        for keyword in [REQUEST_KEYWORD, "other"] {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
            encoder.add_ztxt_chunk(keyword.to_owned(), "x".repeat(LONGEST_TEXTS + 1)).unwrap();
            encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
            assert!(bytes.len() < 1 << 20, "{} bytes", bytes.len());
            let error = format!("{:#}", carried_request(&bytes).unwrap_err());
            assert!(error.contains("too long"), "{error}");
        }
    }

    #[test]
    fn a_picture_of_another_program_is_told_from_what_is_no_picture() {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::new(1, 1).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let error = carried_request(bytes.get_ref()).unwrap_err().to_string();
        assert!(error.contains("carries no request"), "{error}");
        assert_eq!(carried_request(b"{}").unwrap(), None);
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        let error = format!("{:#}", decode(b"not a picture").unwrap_err());
        assert!(error.contains("use a PNG"), "{error}");
    }
}
