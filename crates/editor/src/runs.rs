//! Run-length coding of pixels: a count in LEB128, then the value.

/// Encodes pixels, merging equal neighbours into runs.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    value: u8,
    count: usize,
}

impl Writer {
    pub(crate) fn push(&mut self, value: u8, count: usize) {
        if value != self.value {
            self.flush();
            self.value = value;
        }
        self.count += count;
    }

    pub(crate) fn finish(mut self) -> Box<[u8]> {
        self.flush();
        self.bytes.into_boxed_slice()
    }

    fn flush(&mut self) {
        let mut count = std::mem::take(&mut self.count);
        if count == 0 {
            return;
        }
        while count >= 128 {
            self.bytes.push(count as u8 | 128);
            count >>= 7;
        }
        self.bytes.extend([count as u8, self.value]);
    }
}

/// Decodes the bytes of [`Writer::finish`] into runs (value, count).
pub(crate) fn read(bytes: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut bytes = bytes.iter().copied();
    std::iter::from_fn(move || {
        let (mut count, mut shift) = (0, 0);
        loop {
            let byte = bytes.next()?;
            count |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                break;
            }
        }
        Some((bytes.next()?, count))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Writer, read};

    proptest! {
        #[test]
        fn pixels_come_back(runs in proptest::collection::vec((any::<u8>(), 1..100_000usize), 0..20)) {
            let mut writer = Writer::default();
            for &(value, count) in &runs {
                writer.push(value, count);
            }
            let expand = |runs: &[(u8, usize)]| -> Vec<u8> {
                runs.iter().flat_map(|&(value, count)| std::iter::repeat_n(value, count)).collect()
            };
            let found: Vec<_> = read(&writer.finish()).collect();
            prop_assert!(found.windows(2).all(|pair| pair[0].0 != pair[1].0));
            prop_assert_eq!(expand(&found), expand(&runs));
        }
    }
}
