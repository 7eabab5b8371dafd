//! The request that a PNG of this program carries in a text chunk. The pixels are not decoded: a crate for
//! that would enlarge the program.

/// The text chunk's keyword.
const KEYWORD: &[u8] = b"dense-diffusion";
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The request as JSON; `None` if this is no PNG or carries none.
///
/// # Errors
/// If the file is truncated, or its text is compressed, which this program never does.
pub fn carried_request(bytes: &[u8]) -> Result<Option<String>, String> {
    let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else {
        return Ok(None);
    };
    let damaged = || "the picture is damaged: it ends too early".to_owned();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, after) = after.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (data, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        match kind {
            b"tEXt" => {
                if let Some(text) = value(data) {
                    return Ok(Some(text.iter().map(|byte| char::from(*byte)).collect()));
                }
            }
            b"iTXt" => {
                if let Some(text) = value(data) {
                    return international(text).map(Some);
                }
            }
            b"IEND" => break,
            _ => {}
        }
        // Skips the checksum: a damaged text is no valid request and is refused as such.
        rest = after.get(4..).ok_or_else(damaged)?;
    }
    Ok(None)
}

/// What follows the keyword and its terminator.
fn value(data: &[u8]) -> Option<&[u8]> {
    data.strip_prefix(KEYWORD)?.strip_prefix(&[0])
}

/// The text of an iTXt chunk: compression flag, method, language, translated keyword, text.
fn international(data: &[u8]) -> Result<String, String> {
    let unreadable = || "the picture's text cannot be read".to_owned();
    let [0, _, rest @ ..] = data else {
        return Err(unreadable());
    };
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let text = parts.nth(2).ok_or_else(unreadable)?;
    String::from_utf8(text.to_vec()).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        for (kind, data) in [(b"IHDR", [0; 13].as_slice()), (kind, data), (b"IEND", &[])] {
            bytes.extend((data.len() as u32).to_be_bytes());
            bytes.extend(kind);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    #[test]
    fn latin_and_other_texts_are_read() {
        let latin = picture(b"tEXt", b"dense-diffusion\0{\"prompt\":\"gr\xf6\xdfer\"}");
        assert_eq!(carried_request(&latin).unwrap().as_deref(), Some("{\"prompt\":\"größer\"}"));
        let other = picture(b"iTXt", "dense-diffusion\0\0\0\0\0{\"prompt\":\"一只猫\"}".as_bytes());
        assert_eq!(carried_request(&other).unwrap().as_deref(), Some("{\"prompt\":\"一只猫\"}"));
    }

    #[test]
    fn other_pictures_carry_none_and_broken_ones_say_so() {
        assert_eq!(carried_request(b"GIF89a").unwrap(), None);
        assert_eq!(carried_request(&picture(b"tEXt", b"parameters\0a dog")).unwrap(), None);
        let whole = picture(b"tEXt", b"dense-diffusion\0{}");
        assert!(carried_request(&whole[..50]).unwrap_err().contains("damaged"));
    }
}
