//! Weights on disk: mapped .safetensors files and the tensors in them.

mod delta;
mod entry;
mod tensors;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use onnx::DataType;

pub(crate) use delta::Delta;
pub(crate) use tensors::{Tensors, matrix};

/// The projection of a text model's pooled embedding, which has this name in all files.
pub(crate) const TEXT_PROJECTION: &str = "text_projection";

/// A mapped `.safetensors` file. It stays mapped as long as a [`Weight`] of it lives.
///
/// A file that another program shortens while it is mapped ends this process (SIGBUS), as with every mapped file.
#[derive(Debug)]
pub struct WeightFile {
    path: PathBuf,
    name: String,
    is_lora: bool,
    map: Mmap,
}

impl WeightFile {
    /// Where the file was found (in a hub cache, a symbolic link).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name in graphs: the file's name without its folder, and with a LoRA's number before it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a LoRA, not part of a checkpoint.
    pub fn is_lora(&self) -> bool {
        self.is_lora
    }
}

/// One tensor of a checkpoint, in place.
#[derive(Clone, Debug)]
pub struct Weight {
    /// The checkpoint key, which is the initializer's name as well.
    pub key: String,
    /// f32, f16 or bf16.
    pub dtype: DataType,
    /// The dimensions of the initializer: those of the checkpoint, or others with as many elements.
    pub dims: Vec<i64>,
    file: Arc<WeightFile>,
    range: Range<usize>,
}

impl Weight {
    /// The little-endian elements, mapped; not necessarily aligned to the element size.
    pub fn bytes(&self) -> &[u8] {
        &self.file.map[self.range.clone()]
    }

    /// The file that holds the tensor.
    pub fn file(&self) -> &Arc<WeightFile> {
        &self.file
    }

    /// Where in the file the tensor begins, in bytes.
    pub fn offset(&self) -> usize {
        self.range.start
    }
}
