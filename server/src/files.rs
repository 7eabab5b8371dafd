//! File access for the command line.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, ensure};

/// Maximum bytes read: more than any picture, but a bound for endless devices.
const LONGEST: u64 = 256 << 20;

/// Reads and converts a file; errors name it and its role `what`.
pub fn read<T>(
    what: &str,
    path: &Path,
    decode: impl FnOnce(&[u8]) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let read = || decode(&bytes(path)?);
    read().with_context(|| format!("{what} {}", path.display()))
}

/// Reads a whole file.
fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).context("cannot be read")?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).context("cannot be read")?;
    ensure!(bytes.len() as u64 <= LONGEST, "is longer than the {} MiB that are read", LONGEST >> 20);
    Ok(bytes)
}

/// Writes a file atomically, via a temporary file beside it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // Default permissions less the umask; a temporary file would be private to its owner.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("{}: cannot be written", path.display()))
}

/// Like [`write_whole`], but returns `false` without writing if the file exists.
pub fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<bool> {
    // An empty file reserves the name: not every file system can rename without replacing.
    match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        placed => drop(placed.with_context(|| format!("{}: cannot be written", path.display()))?),
    }
    let written = write_whole(path, bytes);
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written.map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        std::fs::create_dir(&taken).unwrap();
        assert!(write_whole(&taken, b"bytes").is_err(), "a folder stands in the file's place");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_takes_no_others_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0.png");
        assert!(write_new(&path, b"mine").unwrap());
        assert!(!write_new(&path, b"another's").unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_may_be_read_by_whom_the_umask_lets() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        std::fs::write(folder.path().join("in place"), b"bytes").unwrap();
        write_whole(&folder.path().join("moved"), b"bytes").unwrap();
        assert_eq!(mode("moved"), mode("in place"));
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_is_not_read_for_ever() {
        let error = read("layout", Path::new("/dev/zero"), |_| Ok(())).unwrap_err();
        assert_eq!(format!("{error:#}"), "layout /dev/zero: is longer than the 256 MiB that are read");
    }
}
