//! What can be wrong with a checkpoint. Every message is one line: what, where, what to do.

use std::path::{Path, PathBuf};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, ExportError>;

/// A checkpoint that cannot be read, understood or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The folder for the exported model is in use.
    #[error("{} exists and is not empty; choose another folder", .0.display())]
    Occupied(PathBuf),
    /// The folder is not a diffusers checkpoint, or lacks a part.
    #[error("{}: {what}", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// What is missing, and what to do.
        what: String,
    },
    /// A configuration file with invalid content.
    #[error("{}: {what}", path.display())]
    Config {
        /// The configuration file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A configuration value that is wrong or unsupported.
    #[error("{}: {key} = {value} is not supported (supported: {supported})", path.display())]
    Unsupported {
        /// The configuration file.
        path: PathBuf,
        /// The key in it.
        key: String,
        /// Its value, as JSON, shortened if long.
        value: String,
        /// What would be accepted.
        supported: String,
    },
    /// A `.safetensors` file whose header or length is wrong.
    #[error("{} is damaged or incomplete: {what}; fetch the file again", path.display())]
    Damaged {
        /// The weights file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A tensor that the configuration requires is missing.
    #[error("{}: tensor `{key}` is missing", path.display())]
    MissingTensor {
        /// The weights file, or the folder of the shards.
        path: PathBuf,
        /// The checkpoint key.
        key: String,
    },
    /// A tensor's shape is not the one that the configuration requires.
    #[error("{}: tensor `{key}` has shape {found:?}, the configuration calls for {expected:?}", path.display())]
    Shape {
        /// The weights file.
        path: PathBuf,
        /// The checkpoint key.
        key: String,
        /// The shape that the configuration requires.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor has an element type other than f32, f16 and bf16.
    #[error("{}: tensor `{key}` has element type {dtype}; f32, f16 and bf16 are supported", path.display())]
    ElementType {
        /// The weights file.
        path: PathBuf,
        /// The checkpoint key.
        key: String,
        /// The element type in the file.
        dtype: String,
    },
    /// A weight is NaN or infinite.
    #[error("{}: tensor `{key}` holds NaN or infinity; fetch the file again", path.display())]
    NotFinite {
        /// The weights file.
        path: PathBuf,
        /// The checkpoint key.
        key: String,
    },
}

/// Attaches a path to a read error.
pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError + '_ {
    move |source| ExportError::Read { path: path.into(), source }
}

/// Attaches a path to a write error.
pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> ExportError + '_ {
    move |source| ExportError::Write { path: path.into(), source }
}
