//! What the tests share: a hub on this machine, a pipeline for it to hold, a watcher of the progress.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use hub::{FileSize, HubConfig, HubError, Progress};
pub use server::{COMMIT, Hub, ID, OLD_ID, sha256};

pub static GO: AtomicBool = AtomicBool::new(false);

/// A pipeline's files with their content, weights as `variant` ("" or ".fp16").
pub fn pipeline(variant: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for path in [
        "model_index.json",
        "scheduler/scheduler_config.json",
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        "tokenizer/tokenizer_config.json",
        "tokenizer/special_tokens_map.json",
        "text_encoder/config.json",
        "unet/config.json",
        "vae/config.json",
    ] {
        files.insert(path.into(), format!("{{\"is\": \"{path}\"}}").into_bytes());
    }
    for (path, seed) in
        [("text_encoder/model", 1), ("unet/diffusion_pytorch_model", 2), ("vae/diffusion_pytorch_model", 3)]
    {
        files.insert(format!("{path}{variant}.safetensors"), weights(seed));
    }
    files
}

/// Bytes without a short period, more than fit into the sockets' buffers.
pub fn weights(seed: u32) -> Vec<u8> {
    let mut x = seed.wrapping_mul(2_654_435_761);
    (0..3_000_000u32)
        .map(|_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        })
        .collect()
}

pub fn pull(config: &HubConfig) -> Result<std::path::PathBuf, HubError> {
    hub::pull_with(config, ID, &mut (), &GO)
}

/// The files below a snapshot that lead to some content, sorted.
pub fn files_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            match fs::metadata(entry.path()) {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => found.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()),
            }
        }
    }
    found.sort();
    found
}

/// Remembers what it was told.
#[derive(Default)]
pub struct Watch {
    pub files: Vec<FileSize>,
    pub steps: Vec<(String, u64, u64)>,
}

impl Progress for Watch {
    fn start(&mut self, files: &[FileSize]) {
        self.files = files.to_vec();
    }

    fn advance(&mut self, path: &str, done: u64, total: u64) {
        self.steps.push((path.to_owned(), done, total));
    }
}
