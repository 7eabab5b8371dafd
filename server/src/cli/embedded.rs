//! Bundled models: beside the program in a distribution, above `target/debug` in the repository.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::web::ModelPlace;

/// A bundled folder.
pub struct Embedded {
    /// Its name.
    pub name: &'static str,
    /// A file that identifies the folder.
    file: &'static str,
}

/// The embedded model.
pub const MODEL: Embedded = Embedded { name: "models/scenes", file: "model_index.json" };
/// The segmenter that judges its pictures.
pub const EVALUATOR: Embedded = Embedded { name: "models/scenes-evaluator", file: "classes.json" };

impl Embedded {
    /// The folder beside the program, above it, or in the working directory.
    pub fn folder(&self) -> Option<PathBuf> {
        let program = std::env::current_exe().unwrap_or_default();
        let folders =
            program.ancestors().skip(1).chain([Path::new(".")]).map(|folder| folder.join(self.name));
        folders.into_iter().find(|folder| folder.join(self.file).is_file())
    }

    /// Is `folder` this one?
    pub fn is(&self, folder: &Path) -> bool {
        let canonical = |path: &Path| path.canonicalize().ok();
        self.folder().is_some_and(|own| canonical(&own) == canonical(folder))
    }
}

/// Resolves a model given by folder, file or hub id, which must exist, or else the embedded one.
pub fn model(named: Option<&str>) -> anyhow::Result<ModelPlace> {
    let missing = || format!("there is no {} here: name a model with --model", MODEL.name);
    model_if_any(named)?.with_context(missing)
}

/// Like [`model`]; none if none is named and the embedded one is missing.
pub fn model_if_any(named: Option<&str>) -> anyhow::Result<Option<ModelPlace>> {
    let path = named.map(hub::resolve).transpose()?.or_else(|| MODEL.folder());
    Ok(path.map(|path| match named {
        // Its cache folder is named by a commit hash.
        Some(id) if !Path::new(id).exists() => ModelPlace { path, name: id.to_owned() },
        _ => ModelPlace { name: name(&path), path },
    }))
}

/// The name of a model by its path, even if that is `.` or `..`.
fn name(path: &Path) -> String {
    let nameless = path.file_name().is_none().then(|| path.canonicalize().ok()).flatten();
    diffusion::name(nameless.as_deref().unwrap_or(path))
}
