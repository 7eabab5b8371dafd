//! The tensors of one part of a checkpoint.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use onnx::DataType;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Deserialize;

use super::entry::Entry;
use super::{Delta, Weight, WeightFile};
use crate::config::ConfigFile;
use crate::error::{ExportError, Result, read};

/// All tensors of one part of a checkpoint (of the UNet, say), by key.
#[derive(Debug)]
pub(crate) struct Tensors {
    origin: PathBuf,
    /// Metadata of the files' headers.
    metadata: HashMap<String, String>,
    entries: HashMap<String, Entry>,
    /// LoRAs' changes to weights, by key.
    deltas: HashMap<String, Vec<Delta>>,
}

/// Suffixes of weight files' names: plain before f16, and of either a whole file before the index of shards.
/// The last is that of older releases of diffusers; the crate `hub` pulls all of them.
const ENDS: [&str; 5] = [
    ".safetensors",
    ".safetensors.index.json",
    ".fp16.safetensors",
    ".safetensors.index.fp16.json",
    ".safetensors.fp16.index.json",
];

#[derive(Deserialize)]
struct ShardIndex {
    weight_map: HashMap<String, String>,
}

impl Tensors {
    /// Maps the first file in a folder that is named `stem` and one of [`ENDS`], or the shards that it lists.
    pub fn open(folder: &Path, stem: &str) -> Result<Self> {
        let paths = ENDS.map(|end| folder.join(format!("{stem}{end}")));
        if let Some(path) = paths.into_iter().find(|path| path.is_file()) {
            let is_index = path.extension().is_some_and(|extension| extension == "json");
            return if is_index { Self::sharded(folder, path) } else { Self::map(path.clone(), [path], "") };
        }
        let what = format!("no {stem}{} here", ENDS[0]);
        let names = [format!("{stem}.bin"), format!("pytorch_{stem}.bin")];
        let has_pickle = names.iter().any(|name| folder.join(name).exists());
        let hint = if has_pickle { "; the .bin file must be converted to safetensors first" } else { "" };
        Err(ExportError::Incomplete { path: folder.into(), what: what + hint })
    }

    fn sharded(folder: &Path, index: PathBuf) -> Result<Self> {
        let file = ConfigFile::read(index)?;
        let mut names: Vec<_> = file.parse::<ShardIndex>()?.weight_map.into_values().collect();
        names.sort();
        names.dedup();
        if let Some(name) = names.iter().find(|name| name.contains(['/', '\\'])) {
            return Err(file.error(format!("the shard {name} lies outside of this folder")));
        }
        Self::map(file.path.clone(), names.into_iter().map(|name| folder.join(name)), "")
    }

    /// Maps files. Their names in a graph begin with `prefix`.
    pub fn map(origin: PathBuf, files: impl IntoIterator<Item = PathBuf>, prefix: &str) -> Result<Self> {
        let mut tensors =
            Self { origin, metadata: HashMap::new(), entries: HashMap::new(), deltas: HashMap::new() };
        for path in files {
            tensors.map_file(path, prefix)?;
        }
        Ok(tensors)
    }

    fn map_file(&mut self, path: PathBuf, prefix: &str) -> Result<()> {
        let file = File::open(&path).map_err(read(&path))?;
        // SAFETY: the map is read-only; `WeightFile` documents that nobody may shorten the file meanwhile.
        #[allow(unsafe_code, reason = "weights are mapped, not copied")]
        let map = unsafe { Mmap::map(&file) }.map_err(read(&path))?;
        let damaged = |what: String| ExportError::Damaged { path: path.clone(), what };
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| {
            damaged(match error {
                SafeTensorError::MetadataIncompleteBuffer => {
                    format!("its header announces more or less data than there is in {} bytes", map.len())
                }
                error => format!("{error}, in {} bytes", map.len()),
            })
        })?;
        let start = header + size_of::<u64>();
        let tensors: Vec<_> = metadata
            .tensors()
            .into_iter()
            .map(|(key, info)| (key, info.dtype, info.shape.clone(), info.data_offsets))
            .collect();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (name, is_lora) = (format!("{prefix}{name}"), !prefix.is_empty());
        let file = Arc::new(WeightFile { name, is_lora, path, map });
        self.metadata.extend(metadata.metadata().clone().unwrap_or_default());
        self.entries.extend(tensors.into_iter().map(|(key, dtype, shape, (from, to))| {
            (key, Entry { file: file.clone(), dtype, shape, range: start + from..start + to })
        }));
        Ok(())
    }

    /// The file or folder of the tensors.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// The metadata of this key in the files' headers.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Returns a required tensor.
    fn entry(&self, key: &str) -> Result<&Entry> {
        let missing = || ExportError::MissingTensor { path: self.origin.clone(), key: key.into() };
        self.entries.get(key).ok_or_else(missing)
    }

    /// The shape of a required tensor.
    pub fn shape_of(&self, key: &str) -> Result<&[usize]> {
        Ok(&self.entry(key)?.shape)
    }

    /// The shape of a tensor.
    pub fn shape(&self, key: &str) -> Option<&[usize]> {
        self.entries.get(key).map(|entry| entry.shape.as_slice())
    }

    /// Renames the tensors, dropping those that `rename` has no name for. One that gets several names is
    /// split into as many equal parts along its first axis.
    ///
    /// # Errors
    /// Two tensors with the same name.
    pub fn renamed<N: IntoIterator<Item = String>>(
        &self,
        rename: impl Fn(&str) -> Option<N>,
    ) -> Result<Self> {
        let mut entries = HashMap::new();
        for (key, entry) in &self.entries {
            let names: Vec<String> = rename(key).into_iter().flatten().collect();
            let parts = names.len();
            for (part, name) in names.into_iter().enumerate() {
                if entries.insert(name, entry.part(part, parts)).is_some() {
                    let what = format!("tensor `{key}` is there once more, under an older name");
                    return Err(ExportError::Config { path: self.origin.clone(), what });
                }
            }
        }
        Ok(Self { origin: self.origin.clone(), metadata: HashMap::new(), entries, deltas: HashMap::new() })
    }

    /// Adds a LoRA's change to the weight `key`.
    ///
    /// # Errors
    /// A change for a weight of another shape.
    pub fn change(&mut self, key: &str, delta: Delta) -> Result<()> {
        let matrix = matrix(&self.entry(key)?.shape);
        let changed = [delta.up.dims[0] as usize, delta.down.dims[1] as usize];
        let expected = if delta.transposed { [matrix[1], matrix[0]] } else { matrix };
        if expected != changed {
            let what = format!(
                "`{}` changes a weight of {changed:?}, but `{key}` is of {expected:?} here; is the LoRA for another Stable Diffusion?",
                delta.module
            );
            return Err(ExportError::Config { path: delta.down.file.path.clone(), what });
        }
        self.deltas.entry(key.to_owned()).or_default().push(delta);
        Ok(())
    }

    /// LoRAs' changes to the weight `key`.
    pub fn deltas(&self, key: &str) -> &[Delta] {
        self.deltas.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether the checkpoint has this key.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Checks every element for NaN and infinity, as caused by flipped bits.
    pub fn check_finite(&self) -> Result<()> {
        let damaged = self.entries.iter().filter(|(_, entry)| !entry.is_finite()).map(|(key, _)| key).min();
        match damaged {
            None => Ok(()),
            Some(key) => {
                Err(ExportError::NotFinite { path: self.entries[key].file.path.clone(), key: key.clone() })
            }
        }
    }

    /// The value of the tensor `key`, a single number of any type.
    ///
    /// # Errors
    /// It is missing, or not a number.
    pub fn number(&self, key: &str) -> Result<f64> {
        let entry = self.entry(key)?;
        entry.number().ok_or_else(|| {
            let what = format!("tensor `{key}` is no number");
            ExportError::Damaged { path: entry.file.path.clone(), what }
        })
    }

    /// The tensor `key`, which must have the shape `shape`, as an initializer of the dimensions `dims`. A 1x1
    /// convolution may stand for the linear layer that it is.
    pub fn get(&self, key: &str, shape: &[usize], dims: &[usize]) -> Result<Weight> {
        let entry = self.entry(key)?;
        let path = || entry.file.path.clone();
        if without_ones(&entry.shape) != without_ones(shape) {
            let (expected, found) = (shape.into(), entry.shape.clone());
            return Err(ExportError::Shape { path: path(), key: key.into(), expected, found });
        }
        let dtype = match entry.dtype {
            Dtype::F32 => DataType::Float,
            Dtype::F16 => DataType::Float16,
            Dtype::BF16 => DataType::Bfloat16,
            other => {
                return Err(ExportError::ElementType {
                    path: path(),
                    key: key.into(),
                    dtype: other.to_string(),
                });
            }
        };
        Ok(Weight {
            key: key.into(),
            dtype,
            dims: dims.iter().map(|&d| d as i64).collect(),
            file: entry.file.clone(),
            range: entry.range.clone(),
        })
    }
}

/// Rows and columns of a weight as a matrix, saturated on overflow.
pub(crate) fn matrix(shape: &[usize]) -> [usize; 2] {
    let columns = shape.iter().skip(1).fold(1usize, |product, side| product.saturating_mul(*side));
    [shape.first().copied().unwrap_or(1), columns]
}

/// A shape without trailing ones.
fn without_ones(shape: &[usize]) -> &[usize] {
    let ones = shape.iter().rev().take_while(|&&side| side == 1).count();
    &shape[..shape.len() - ones]
}
