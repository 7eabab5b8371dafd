//! What files hold, in a few letters.

use std::io::Read;
use std::path::Path;

use ring::digest::{Context, SHA256};

use crate::error::BenchmarkError;

/// The first 16 hexadecimal digits of SHA-256 over the names and contents of the files directly in `folders`, in order
/// of their names; folders that are not there count as empty.
///
/// # Errors
/// A file that cannot be read.
pub fn digest<P: AsRef<Path>>(folders: &[P]) -> Result<String, BenchmarkError> {
    let mut context = Context::new(&SHA256);
    for folder in folders.iter().map(AsRef::as_ref) {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            update(&mut context, &path)
                .map_err(|error| BenchmarkError::file(&path, format!("cannot be read: {error}")))?;
        }
    }
    Ok(hex::encode(&context.finish().as_ref()[..8]))
}

fn update(context: &mut Context, path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    context.update(format!("{name}\0{}\0", file.metadata()?.len()).as_bytes());
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => context.update(&buffer[..read]),
        }
    }
}
