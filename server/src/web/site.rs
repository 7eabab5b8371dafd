//! The static files: the front end as `cargo xtask` builds it.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use tower_http::compression::Predicate;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType};
use tower_http::services::ServeDir;

/// The name of the front end's files; leptos reads it when it compiles, the server when it starts.
pub const OUTPUT_NAME: &str = "dense-diffusion";

/// A folder with a built front end.
#[derive(Clone, Debug)]
pub struct Site {
    root: PathBuf,
}

impl Site {
    /// Takes the folder `root`.
    ///
    /// # Errors
    /// If the front end is not built there.
    pub fn open(root: PathBuf) -> anyhow::Result<Self> {
        let wasm = root.join(format!("pkg/{OUTPUT_NAME}.wasm"));
        ensure!(
            wasm.is_file(),
            "the front end is not built: {} is missing; `cargo xtask serve` builds it, --site names another folder",
            wasm.display()
        );
        Ok(Self { root })
    }

    /// Where the front end lies by default: `site` beside the program's folder, as in `target/`.
    pub fn default_root() -> PathBuf {
        std::env::current_exe()
            .ok()
            .and_then(|program| Some(program.parent()?.parent()?.join("site")))
            .unwrap_or_else(|| PathBuf::from("target/site"))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Serves the files, precompressed ones (`.br`, `.gz`) where they exist.
    pub fn files(&self) -> ServeDir {
        ServeDir::new(&self.root)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false)
    }
}

/// What is compressed while it is sent: pages and styles. WASM is large and is precompressed for hosting; fonts are
/// compressed already.
pub fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/wasm"))
        .and(NotForContentType::const_new("font/"))
}
