//! Python environments, each in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::apt;
use crate::{place, process};

/// An environment, which may not exist yet.
pub struct Environment(PathBuf);

impl Environment {
    /// The environment of this name in the build directory.
    pub fn named(name: &str) -> Self {
        Self(place::target().join(name))
    }

    /// Has ONNX Runtime's library, and what the tests compare with.
    pub fn tests() -> Self {
        Self::named("python")
    }

    /// Has ONNX Runtime for CUDA: its two wheels would overwrite each other in one environment.
    pub fn cuda() -> Self {
        Self::named("cuda")
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Its Python.
    pub fn python(&self) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// A program that a package installed.
    pub fn program(&self, name: &str) -> PathBuf {
        self.python().with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Installs packages from wheels, unless pip's `options` say otherwise; makes the environment if needed.
    ///
    /// # Errors
    /// The error of Python or pip.
    pub fn install(&self, packages: &[&str], options: &[&str]) -> anyhow::Result<()> {
        if process::quiet(Command::new(self.python()).args(["-m", "pip", "--version"])).is_err() {
            self.make()?;
        }
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
        process::quiet(pip.args(options).args(packages))?;
        Ok(())
    }

    /// Whether it has `package`, which is `name==version`: pip leaves a folder `name-version.dist-info`.
    pub fn has(&self, package: &str) -> bool {
        let (name, version) = package.split_once("==").unwrap_or((package, ""));
        let info = format!("{}-{version}.dist-info", name.replace('-', "_"));
        self.packages().is_some_and(|folder| folder.join(info).is_dir())
    }

    /// Its `site-packages`, if it exists.
    pub fn packages(&self) -> Option<PathBuf> {
        let versions = std::fs::read_dir(self.0.join("lib")).into_iter().flatten().flatten();
        let windows = self.0.join("Lib");
        let mut folders = versions.map(|version| version.path()).chain([windows]);
        folders.find_map(|folder| Some(folder.join("site-packages")).filter(|folder| folder.is_dir()))
    }

    /// Creates it, or creates it anew.
    ///
    /// # Errors
    /// If there is no Python, or it fails.
    pub fn make(&self) -> anyhow::Result<()> {
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let version = process::quiet(Command::new(&python).arg("--version"))
            .context("no Python 3 (PYTHON names one)")?;
        let venv = || process::quiet(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&self.0));
        if venv().is_ok() {
            return Ok(());
        }
        // Debian has venv in a separate package.
        apt::install(&["python3-venv"])
            .with_context(|| format!("{} cannot make an environment (python3-venv)", version.trim()))?;
        if let Err(error) = venv() {
            bail!("{} cannot make an environment: {error:#}", version.trim());
        }
        Ok(())
    }
}

#[cfg(test)]
impl Environment {
    /// The one in a folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}
