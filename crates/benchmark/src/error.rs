//! Errors of a benchmark.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What went wrong, in one line: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// A file or folder is missing, damaged, or cannot be written.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A layout picture does not match its texts.
    #[error("{}: {source}", path.display())]
    Layout {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: layout::LayoutError,
    },
    /// An item of a set cannot be painted.
    #[error("item {id} of {}: {problem}", set.display())]
    Item {
        /// The set's folder.
        set: PathBuf,
        /// The item's number.
        id: u32,
        /// What is wrong with it.
        problem: String,
    },
    /// The folder holds pictures that were painted with other settings.
    #[error(
        "{} holds pictures made with {differences}: give the same settings to go on, or another folder to begin anew",
        out.display()
    )]
    Settings {
        /// The folder.
        out: PathBuf,
        /// Each setting with both of its values.
        differences: String,
    },
    /// ONNX Runtime is not available.
    #[error(transparent)]
    Runtime(#[from] attention::runtime::RuntimeError),
    /// The painter was interrupted.
    #[error("interrupted after {done} of {all} pictures; the same command goes on from there")]
    Interrupted {
        /// Pictures already painted.
        done: usize,
        /// Pictures in all.
        all: usize,
    },
    /// The painter failed.
    #[error("{picture}: {source}")]
    Paint {
        /// The picture, by its path in the folder.
        picture: String,
        /// The painter's error.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Why a painter returns no picture.
#[derive(Debug)]
pub enum PaintError {
    /// It was asked to stop.
    Interrupted,
    /// It failed.
    Failed(Box<dyn Error + Send + Sync>),
}

impl BenchmarkError {
    /// A problem with a file.
    pub(crate) fn file(path: impl AsRef<Path>, problem: impl ToString) -> Self {
        // Libraries may report several lines.
        let problem = problem.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self::File { path: path.as_ref().to_path_buf(), problem }
    }
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, BenchmarkError> {
    let unreadable = |error: std::io::Error| BenchmarkError::file(path, format!("cannot be read: {error}"));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(BenchmarkError::file(path, format!("is longer than the {limit} bytes that are read")));
    }
    Ok(bytes)
}

/// Writes a file atomically, and creates its folder.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), BenchmarkError> {
    let part = path.with_added_extension("part");
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        std::fs::write(&part, bytes)?;
        std::fs::rename(&part, path)
    };
    write().map_err(|error| BenchmarkError::file(path, format!("cannot be written: {error}")))
}
