//! What ships with the program: in an unpacked distribution it lies beside the program, in the repository above `target/debug`.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The embedded model.
pub const MODEL: &str = "models/scenes";
/// The segmenter that judges its pictures.
pub const EVALUATOR: &str = "models/scenes-evaluator";

/// The folder of that name beside the program, above it, or where one works.
pub fn folder(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    let folders = program.ancestors().skip(1).chain([Path::new(".")]).map(|folder| folder.join(name));
    folders.into_iter().find(|folder| folder.is_dir())
}

/// The folder of a model that is named by folder or hub id, or else of the embedded one.
pub fn model(named: Option<&str>) -> anyhow::Result<PathBuf> {
    match named {
        Some(model) => Ok(hub::resolve(model)?),
        None => folder(MODEL).with_context(|| format!("there is no {MODEL} here: name a model with --model")),
    }
}

/// Whether a folder is the embedded model's.
pub fn is_model(model: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    folder(MODEL).is_some_and(|embedded| canonical(&embedded) == canonical(model))
}
