//! A checkpoint's copy to spoil.

use std::fs;
use std::path::{Path, PathBuf};

use export::{Checkpoint, ExportError, Precision};
use serde_json::Value;

use super::copies::{add_safety_checker, copy};

/// A temporary copy of a checkpoint.
pub struct Copied {
    folder: tempfile::TempDir,
}

impl Copied {
    pub fn of(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&super::checkpoint(name), folder.path());
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Changes a file's bytes.
    pub fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.file(name)).unwrap();
        change(&mut bytes);
        fs::write(self.file(name), bytes).unwrap();
    }

    /// Changes a key of a configuration file.
    pub fn set(&self, name: &str, key: &str, value: Value) {
        self.edit(name, |bytes| {
            let mut json: Value = serde_json::from_slice(bytes).unwrap();
            json[key] = value;
            *bytes = json.to_string().into_bytes();
        });
    }

    /// What opening the checkpoint and building its graphs says. It is one line.
    pub fn error(&self) -> String {
        let error = build(self.path()).expect_err("the checkpoint is spoilt").to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    }
}

/// Opens a checkpoint and builds its graphs.
pub fn build(folder: &Path) -> Result<Checkpoint, ExportError> {
    let checkpoint = Checkpoint::open(folder)?;
    checkpoint.text_encoder_models(Precision::F32)?;
    checkpoint.unet_model(Precision::F32)?;
    checkpoint.vae_decoder_model(Precision::F32)?;
    Ok(checkpoint)
}

/// A copy of `shallow` with the safety checker of the fixtures, listed as published checkpoints list it.
pub fn with_safety_checker() -> Copied {
    let copied = Copied::of("shallow");
    add_safety_checker(&super::fixtures().join("checkpoints"), copied.path());
    copied
}
