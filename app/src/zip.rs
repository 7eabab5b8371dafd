//! A ZIP archive of uncompressed files: packing pictures again does not make them smaller. A crate for it
//! would enlarge the program.
//!
//! The format is PKWARE's APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (end).

/// The minimum version of a reader, 2.0.
const VERSION: u16 = 20;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// 1 January 1980, the earliest possible date: the archive does not tell when it was drawn.
const DATE: u16 = (1 << 5) | 1;

/// Archives files, each a name and its content, together less than 4 GiB.
pub fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = bytes.len() as u32;
        let entry = entry(name, content);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&entry);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&entry);
        // No comment, the first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start, length) = (files.len() as u16, bytes.len() as u32, directory.len() as u32);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0; 2]);
    bytes
}

/// The fields that both headers of a file share.
fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let (stored, midnight, no_more) = (0, 0, 0);
    let size = (content.len() as u32).to_le_bytes();
    let mut entry = [VERSION, UTF8, stored, midnight, DATE].map(u16::to_le_bytes).concat();
    entry.extend(checksum(content).to_le_bytes());
    entry.extend([size, size].concat());
    entry.extend([name.len() as u16, no_more].map(u16::to_le_bytes).concat());
    entry
}

/// CRC-32, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_directory_says_where_each_file_begins() {
        let files = [("a".to_owned(), b"first".to_vec()), ("ü".to_owned(), b"second".to_vec())];
        let bytes = archive(&files);
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        let (length, mut at) = (number(end + 12), number(end + 16));
        assert_eq!(at + length, end);
        for (name, content) in files {
            assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
            let (size, start) = (number(at + 24), number(at + 42));
            assert_eq!(&bytes[at + 46..at + 46 + name.len()], name.as_bytes());
            at += 46 + name.len();
            let from = start + 30 + name.len();
            assert_eq!(&bytes[start..start + 4], b"PK\x03\x04");
            assert_eq!(&bytes[from..from + size], content);
        }
        assert_eq!(at, end);
    }
}
