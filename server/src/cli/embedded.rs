//! What ships with the program: in an unpacked distribution it lies beside the program, in the repository above `target/debug`.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder that ships with the program.
pub struct Embedded {
    /// Its name.
    pub name: &'static str,
    /// A file without which a folder of that name is another.
    file: &'static str,
}

/// The embedded model.
pub const MODEL: Embedded = Embedded { name: "models/scenes", file: "model_index.json" };
/// The segmenter that judges its pictures.
pub const EVALUATOR: Embedded = Embedded { name: "models/scenes-evaluator", file: "classes.json" };

impl Embedded {
    /// The folder beside the program, above it, or where one works.
    pub fn folder(&self) -> Option<PathBuf> {
        let program = std::env::current_exe().unwrap_or_default();
        let folders =
            program.ancestors().skip(1).chain([Path::new(".")]).map(|folder| folder.join(self.name));
        folders.into_iter().find(|folder| folder.join(self.file).is_file())
    }

    /// Whether a folder is this one.
    pub fn is(&self, folder: &Path) -> bool {
        let canonical = |path: &Path| path.canonicalize().ok();
        self.folder().is_some_and(|own| canonical(&own) == canonical(folder))
    }
}

/// The folder of a model that is named by folder, file or hub id, or else of the embedded one.
pub fn model(named: Option<&str>) -> anyhow::Result<PathBuf> {
    match named {
        Some(model) => Ok(hub::resolve(model)?),
        None => {
            let missing = || format!("there is no {} here: name a model with --model", MODEL.name);
            MODEL.folder().with_context(missing)
        }
    }
}
