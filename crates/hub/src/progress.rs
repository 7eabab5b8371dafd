//! Progress of a download.

/// A file of the model with its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSize {
    /// The path in the repository: `unet/config.json`.
    pub path: String,
    /// In bytes.
    pub size: u64,
}

/// Watches a download; `()` ignores it.
pub trait Progress {
    /// The files are known; called once, before the first byte.
    fn start(&mut self, files: &[FileSize]);

    /// `done` of the `total` bytes of the file `path` are on disk. Files come one after the other; the first
    /// call for a file reports what was there already (all of it: `done == total`). `done` decreases only if
    /// the bytes of an earlier run turn out to be useless.
    fn advance(&mut self, path: &str, done: u64, total: u64);
}

impl Progress for () {
    fn start(&mut self, _files: &[FileSize]) {}
    fn advance(&mut self, _path: &str, _done: u64, _total: u64) {}
}
