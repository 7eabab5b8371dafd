//! What files hold, in a few letters.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::BenchmarkError;

/// The first 16 hexadecimal digits of SHA-256 over the names and contents of the files directly in `folders`, in order
/// of their names; folders that are not there count as empty.
///
/// # Errors
/// A file that cannot be read.
pub fn digest<P: AsRef<Path>>(folders: &[P]) -> Result<String, BenchmarkError> {
    let mut hasher = Sha256::new();
    for folder in folders.iter().map(AsRef::as_ref) {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
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
