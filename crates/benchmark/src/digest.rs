//! A short digest of the contents of files.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::BenchmarkError;

/// Returns the first 16 hexadecimal digits of a SHA-256 over the names and contents of files, including those
/// directly in folders, sorted by name; missing ones count as empty.
///
/// # Errors
/// A file cannot be read.
pub fn digest<P: AsRef<Path>>(places: &[P]) -> Result<String, BenchmarkError> {
    let mut hasher = Sha256::new();
    for place in places.iter().map(AsRef::as_ref) {
        let mut paths: Vec<_> = match std::fs::read_dir(place) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
            Err(_) => vec![place.to_owned()],
        };
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            update(&mut hasher, &path)
                .map_err(|error| BenchmarkError::file(&path, format!("cannot be read: {error}")))?;
        }
    }
    Ok(hex::encode(&hasher.finalize()[..8]))
}

fn update(hasher: &mut Sha256, path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    hasher.update(format!("{name}\0{}\0", file.metadata()?.len()));
    std::io::copy(&mut file, hasher)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_counts_by_itself_as_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (file, nothing) = (folder.path().join("model.safetensors"), folder.path().join("nothing"));
        let digests = |content: &str| {
            std::fs::write(&file, content).unwrap();
            [&nothing, &file, folder.path()].map(|place| digest(&[place]).unwrap())
        };
        let (one, other) = (digests("one"), digests("other"));
        assert_eq!(one[0], other[0]);
        assert!(one[1] == one[2] && other[1] == other[2]);
        assert!(one[1] != other[1] && one[1] != one[0]);
    }
}
