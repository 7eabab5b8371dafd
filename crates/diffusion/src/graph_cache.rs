//! A disk cache of graphs that ONNX Runtime has optimised, with weights, for the next start to map.
//!
//! Optimising folds constants, fuses operators, converts half-precision weights and reorders convolution
//! weights for the CPU's vector registers. The result is the same every time.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use export::weights::WeightFile;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The files of a cached graph.
const GRAPH: &str = "graph.onnx";
pub(crate) const WEIGHTS: &str = "weights.bin";

const DRAFT: &str = "draft-";
/// A draft this old was left by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);
/// A graph unused for this long belongs to a checkpoint that is gone, or to another CPU.
const UNUSED: Duration = Duration::from_secs(60 * 24 * 3600);
/// Bytes to leave free, for what a graph needs besides its weights and for others.
const SPARE: u64 = 1 << 30;

/// The place of one graph in the cache, the folder `NAME-SOURCE-STATE`. SOURCE stands for the weight files
/// and the kind of CPU, STATE for all else that the result depends on. A new state replaces the old.
#[derive(Debug)]
pub(crate) struct Entry {
    cache: PathBuf,
    source: String,
    state: String,
    /// Bytes of the weight files; in half precision, optimising doubles them.
    size: u64,
}

impl Entry {
    /// Creates the entry for the encoded model `graph`, not yet optimised, with these weight files.
    pub fn new(cache: &Path, name: &str, graph: &[u8], weights: &[Arc<WeightFile>]) -> io::Result<Self> {
        let (mut source, mut state, mut size) = (Sha256::new(), Sha256::new(), 0);
        source.update(processor());
        state.update(ort::info());
        state.update(graph);
        for weights in weights {
            let path = weights.path();
            let file = fs::metadata(path)?;
            // A checkpoint has one cached graph, whatever LoRAs are applied.
            let of = if weights.is_lora() { &mut state } else { &mut source };
            of.update(fs::canonicalize(path)?.as_os_str().as_encoded_bytes());
            state.update(file.len().to_le_bytes());
            state.update(format!("{:?}", file.modified()?));
            size += file.len();
        }
        let source = format!("{name}-{}", short(source));
        Ok(Self { cache: cache.into(), source, state: short(state), size })
    }

    fn folder(&self) -> PathBuf {
        self.cache.join(format!("{}-{}", self.source, self.state))
    }

    /// Returns the cached graph, if there is one, and marks it as used.
    pub fn graph(&self) -> Option<PathBuf> {
        let graph = self.folder().join(GRAPH);
        let used = File::options().append(true).open(&graph);
        // A read-only cache is useful, too.
        let _ = used.and_then(|file| file.set_modified(SystemTime::now()));
        Some(graph).filter(|path| path.is_file())
    }

    /// Deletes old entries and creates a place to write the graph to.
    pub fn draft(&self) -> io::Result<Draft<'_>> {
        fs::create_dir_all(&self.cache)?;
        for old in self.entries()? {
            let is_draft = old.file_name().to_string_lossy().starts_with(DRAFT);
            let (used, most) =
                if is_draft { (old.path(), ABANDONED) } else { (old.path().join(GRAPH), UNUSED) };
            if is_older(&used, most) {
                let _ = fs::remove_dir_all(old.path());
            }
        }
        let (free, needed) = (fs4::available_space(&self.cache)?, 2 * self.size + SPARE);
        if free < needed {
            let [free, needed] = [free, needed].map(|bytes| bytes >> 20);
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("{} has {free} MB left and {needed} are wanted", self.cache.display()),
            ));
        }
        Ok(Draft { entry: self, folder: tempfile::Builder::new().prefix(DRAFT).tempdir_in(&self.cache)? })
    }

    /// Deletes the cached graph.
    pub fn remove(&self) {
        let _ = fs::remove_dir_all(self.folder());
    }

    fn entries(&self) -> io::Result<impl Iterator<Item = fs::DirEntry>> {
        Ok(fs::read_dir(&self.cache)?.flatten())
    }
}

/// A graph being written; dropping it deletes its files.
#[derive(Debug)]
pub(crate) struct Draft<'e> {
    entry: &'e Entry,
    folder: TempDir,
}

impl Draft<'_> {
    /// The path to write the graph to; its weights go beside it, into [`WEIGHTS`].
    pub fn graph(&self) -> PathBuf {
        self.folder.path().join(GRAPH)
    }

    /// Puts the draft in place of other graphs of these weights. Processes that have those mapped keep them.
    pub fn keep(self) -> io::Result<()> {
        for file in fs::read_dir(self.folder.path())? {
            // After a crash, the final name must not stand for half a file.
            File::open(file?.path())?.sync_all()?;
        }
        let (kept, others) = (self.entry.folder(), format!("{}-", self.entry.source));
        // If another process was faster, it has written the same.
        if fs::rename(self.folder.path(), &kept).is_err() && !kept.is_dir() {
            return Err(io::Error::other(format!("{}: cannot be made", kept.display())));
        }
        for other in self.entry.entries()? {
            if other.file_name().to_string_lossy().starts_with(&others) && other.path() != kept {
                let _ = fs::remove_dir_all(other.path());
            }
        }
        Ok(())
    }
}

fn is_older(path: &Path, most: Duration) -> bool {
    let changed = fs::metadata(path).and_then(|data| data.modified());
    changed.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > most))
}

fn short(hash: Sha256) -> String {
    hex::encode(&hash.finalize()[..8])
}

/// The CPU features that ONNX Runtime's order of weights depends on: unlike machines may share a cache.
fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    let registers = [is_x86_feature_detected!("avx"), is_x86_feature_detected!("avx512f")];
    #[cfg(not(target_arch = "x86_64"))]
    let registers = [false; 2];
    format!("{} {registers:?}", std::env::consts::ARCH)
}
