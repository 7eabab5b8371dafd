//! Paths in the repository, and copying files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// How front end and server are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quickly.
    Dev,
    /// Small and precompressed.
    Release,
}

impl Profile {
    /// The cargo profile of the front end.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// The repository's root: where this program was built, or the current folder on another machine.
pub fn root() -> &'static Path {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    built.filter(|root| root.is_dir()).unwrap_or(Path::new("."))
}

/// The build directory: `CARGO_TARGET_DIR`, or `target`.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The files that the server sends as they are.
pub fn site() -> PathBuf {
    target().join("site")
}

/// The path of the server, once it is built.
pub fn server(profile: Profile) -> PathBuf {
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    target().join(folder).join(format!("dense-diffusion{}", std::env::consts::EXE_SUFFIX))
}

/// The browser tests.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}

/// Finds a program on the search path.
pub fn program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// The file that an environment variable names, if it is set.
///
/// # Errors
/// If it names something that is no file.
pub fn file_from_env(variable: &str) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    anyhow::ensure!(
        path.is_file(),
        "{variable} is set to {}, which is not a file: correct it or unset it",
        path.display()
    );
    Ok(Some(path))
}

/// Copies a file, or a folder with all that is in it.
///
/// # Errors
/// What cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let context = || format!("{} cannot be copied to {}", from.display(), to.display());
    if from.is_dir() {
        fs::create_dir_all(to).with_context(context)?;
        for entry in fs::read_dir(from).with_context(context)? {
            let name = entry.with_context(context)?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(context)?;
    }
    fs::copy(from, to).with_context(context)?;
    Ok(())
}
