//! The static files: the front end as `cargo xtask` builds it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use axum::http::{HeaderValue, Response, header};
use tower_http::compression::Predicate;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType};
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;
use tower_http::set_header::{MakeHeaderValue, SetResponseHeader};

/// The name of the front end's files; leptos reads it at compile time, the server at startup.
pub const OUTPUT_NAME: &str = "dense-diffusion";

const PACKAGES: &str = "pkg";

/// A folder with a built front end.
#[derive(Clone, Debug)]
pub struct Site {
    root: PathBuf,
    package: String,
}

impl Site {
    /// Opens the folder `root`.
    ///
    /// # Errors
    /// The front end is not built there.
    pub fn open(root: PathBuf) -> anyhow::Result<Self> {
        let package = package(&root).with_context(|| {
            format!(
                "the front end is not built: there is no pkg/…/{OUTPUT_NAME}.wasm in {}; `cargo xtask serve` builds \
                 it, --site names another folder",
                root.display()
            )
        })?;
        Ok(Self { root, package })
    }

    /// The default location of the front end: `site` beside the program's folder, as in `target/`.
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

    /// The URL path of the program's files: `pkg/HASH`.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Serves all files, precompressed ones (`.br`, `.gz`) where they exist.
    pub fn files(&self) -> ServeDir {
        serve(&self.root)
    }

    /// Serves the program's files, cacheable for ever if their folder is named by a content hash.
    pub fn package_files(
        &self,
    ) -> SetResponseHeader<
        ServeDir,
        impl MakeHeaderValue<Response<ServeFileSystemResponseBody>> + Clone + use<>,
    > {
        let named = self.package != PACKAGES;
        let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
        let cache =
            move |response: &Response<_>| (named && response.status().is_success()).then(|| kept.clone());
        SetResponseHeader::if_not_present(serve(&self.root.join(&self.package)), header::CACHE_CONTROL, cache)
    }
}

fn serve(folder: &Path) -> ServeDir {
    ServeDir::new(folder).precompressed_br().precompressed_gzip().append_index_html_on_directories(false)
}

/// The folder of the WASM file: below `pkg`, or `pkg` itself, as cargo-leptos has it.
fn package(root: &Path) -> Option<String> {
    let below = std::fs::read_dir(root.join(PACKAGES)).ok()?.flatten();
    let below = below.filter_map(|entry| Some(format!("{PACKAGES}/{}", entry.file_name().to_str()?)));
    let file = format!("{OUTPUT_NAME}.wasm");
    below.chain([PACKAGES.to_owned()]).find(|folder| root.join(folder).join(&file).is_file())
}

/// What is compressed while it is sent, unless it lies there precompressed, as for hosting: all but what is compressed
/// by its nature.
pub fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("font/"))
}
