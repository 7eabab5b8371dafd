//! The hashes by which the hub names its files.

use std::io;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// How a file's content can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checksum {
    /// Large files (LFS): SHA-256 of the content, in hex.
    Sha256(String),
    /// Small files: git's object name, SHA-1 of `blob SIZE\0` and the content, in hex.
    GitBlob(String),
    /// The server gave a name that is no known hash.
    Unknown,
}

/// A hash of the bytes written so far. Writing never fails.
pub(crate) struct Hasher(Option<Context>);

impl Checksum {
    pub(crate) fn hasher(&self, size: u64) -> Hasher {
        Hasher(match self {
            Self::Sha256(_) => Some(Context::new(&SHA256)),
            Self::GitBlob(_) => {
                let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
                context.update(format!("blob {size}\0").as_bytes());
                Some(context)
            }
            Self::Unknown => None,
        })
    }

    /// Fails with the expected and the actual hash if they differ.
    pub(crate) fn check(&self, hasher: Hasher) -> Result<(), String> {
        let (Self::Sha256(expected) | Self::GitBlob(expected), Some(context)) = (self, hasher.0) else {
            return Ok(());
        };
        let found = hex::encode(context.finish());
        if found.eq_ignore_ascii_case(expected) {
            Ok(())
        } else {
            Err(format!("its hash is {found}, the hub says {expected}"))
        }
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(context) = &mut self.0 {
            context.update(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn check(checksum: &Checksum, content: &[u8]) -> Result<(), String> {
        let mut hasher = checksum.hasher(content.len() as u64);
        hasher.write_all(content).unwrap();
        checksum.check(hasher)
    }

    #[test]
    fn the_hashes_are_those_of_sha256sum_and_of_git_hash_object() {
        // printf 'hello\n' | sha256sum; printf 'hello\n' | git hash-object --stdin
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        let git = "ce013625030ba8dba906f756967f9e9ca394464a";
        assert_eq!(check(&Checksum::Sha256(sha256.into()), b"hello\n"), Ok(()));
        assert_eq!(check(&Checksum::GitBlob(git.into()), b"hello\n"), Ok(()));
        assert!(check(&Checksum::Sha256(sha256.into()), b"hellO\n").unwrap_err().contains(sha256));
        assert!(check(&Checksum::GitBlob(git.into()), b"hellO\n").is_err());
        assert_eq!(check(&Checksum::Unknown, b"anything"), Ok(()));
    }
}
