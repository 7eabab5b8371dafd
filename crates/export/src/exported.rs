//! An exported model.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onnx::{DataLocation, ModelProto};

use crate::Weight;
use crate::error::{ExportError, Result, read};
use crate::weights::WeightFile;

/// A graph and the weights that it refers to.
#[derive(Clone, Debug)]
pub struct ExportedModel {
    /// The graph. Initializers with external data are named by checkpoint key, one for each of `weights`; their
    /// location is the weights file's name, offset and length in bytes.
    pub model: ModelProto,
    /// The tensors that it refers to.
    pub weights: Vec<Weight>,
}

impl ExportedModel {
    /// The weight files, without duplicates.
    pub fn files(&self) -> Vec<Arc<WeightFile>> {
        let mut files: Vec<Arc<WeightFile>> = Vec::new();
        for weight in &self.weights {
            if !files.iter().any(|file| Arc::ptr_eq(file, weight.file())) {
                files.push(weight.file().clone());
            }
        }
        files
    }

    /// Returns the folder that holds all weights, and the model with locations relative to it. Symbolic links
    /// (a hub cache consists of them) are resolved, since ONNX Runtime rejects those that leave the folder.
    ///
    /// # Errors
    /// A weight file is gone, or there is no such folder.
    pub fn with_weights_in_place(&self) -> Result<(PathBuf, ModelProto)> {
        let mut paths = HashMap::new();
        for file in self.files() {
            let path = fs::canonicalize(file.path()).map_err(read(file.path()))?;
            paths.insert(file.name().to_owned(), path);
        }
        let folder = common_folder(paths.values().map(PathBuf::as_path))?;
        let mut model = self.model.clone();
        let tensors = model.graph.iter_mut().flat_map(|graph| &mut graph.initializer);
        for tensor in tensors.filter(|tensor| tensor.data_location == i32::from(DataLocation::External)) {
            for entry in tensor.external_data.iter_mut().filter(|entry| entry.key == "location") {
                if let Some(relative) =
                    paths.get(&entry.value).and_then(|path| path.strip_prefix(&folder).ok())
                {
                    entry.value = relative.to_string_lossy().into_owned();
                }
            }
        }
        Ok((folder, model))
    }
}

/// Returns the deepest folder that holds all of the absolute `paths`.
fn common_folder<'p>(mut paths: impl Iterator<Item = &'p Path>) -> Result<PathBuf> {
    let Some(first) = paths.next() else { return Ok(PathBuf::from(".")) };
    let mut folder = first.parent().unwrap_or(first);
    for path in paths {
        while !path.starts_with(folder) {
            let apart = || ExportError::Incomplete {
                path: path.into(),
                what: format!("lies on another drive than {}", first.display()),
            };
            folder = folder.parent().ok_or_else(apart)?;
        }
    }
    Ok(folder.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_is_the_deepest_one() {
        let folder = |paths: &[&str]| common_folder(paths.iter().map(Path::new)).unwrap();
        assert_eq!(folder(&["/cache/blobs/1f", "/cache/blobs/2e"]), Path::new("/cache/blobs"));
        assert_eq!(folder(&["/cache/a/1f", "/cache/ab/2e"]), Path::new("/cache"));
        assert_eq!(folder(&["/cache/a/1f"]), Path::new("/cache/a"));
    }
}
