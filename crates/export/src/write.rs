//! Exported models as files for other hosts.

use std::path::{Path, PathBuf};

use crate::error::{ExportError, Result};
use crate::{Checkpoint, Precision};

/// How a weights file came to lie beside its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// A hard link: no space taken.
    HardLink,
    /// A copy, since the folders lie on different file systems or links are not allowed.
    Copy,
}

/// What [`write()`] has written.
#[derive(Clone, Debug)]
pub struct Written {
    /// `text_encoder/model.onnx`, `unet/model.onnx`, `vae_decoder/model.onnx`.
    pub models: Vec<PathBuf>,
    /// The weights files beside them.
    pub weights: Vec<(PathBuf, Linked)>,
}

/// Writes the three graphs to `out`, with the weights beside them; `out` must not exist or be empty.
///
/// All or nothing: the files are made in a folder beside `out`, which is renamed at the end.
///
/// # Errors
/// What is wrong with the checkpoint, or where it could not be written.
pub fn write(checkpoint: &Checkpoint, out: &Path, precision: Precision) -> Result<Written> {
    let _ = (precision, out);
    Err(ExportError::Incomplete { path: checkpoint.folder.clone(), what: "not built yet".into() })
}
