//! The program as a user runs it.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod client;
#[path = "../../../fixtures/copies.rs"]
pub mod copies;
pub mod studio;
#[path = "../../../fixtures/tolerance.rs"]
mod tolerance;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[allow(unused_imports, reason = "each test file uses a part")]
pub use tolerance::tolerance;

pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

pub fn checkpoint(name: &str) -> PathBuf {
    fixtures().join("checkpoints").join(name)
}

/// `dense-diffusion` with arguments split at white space, then `more`.
pub fn run(arguments: &str, more: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    command(arguments, more).output().unwrap()
}

/// The same, not started yet.
pub fn command(arguments: &str, more: &[&dyn AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dense-diffusion"));
    // No test depends on what another has left there.
    command.env("DENSE_DIFFUSION_GRAPH_CACHE", "off");
    // Nor on what the machine does beside it.
    command.env("DENSE_DIFFUSION_TOGETHER", "1");
    command.args(arguments.split_whitespace()).args(more.iter().map(|argument| argument.as_ref()));
    command
}

/// What the program printed, if it went well.
pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one line that a failing program owes its user.
pub fn error_line(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1, "not one line: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.stdout.is_empty());
    stderr
}

/// Paths below a folder, sorted; none if there is no such folder.
pub fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Copies a checkpoint, to be damaged.
pub fn copied(name: &str, to: &Path) -> PathBuf {
    let folder = to.join(name);
    copies::copy(&checkpoint(name), &folder);
    folder
}

/// A copy of `shallow` with the safety checker of the fixtures.
pub fn with_safety_checker(to: &Path) -> PathBuf {
    let folder = copied("shallow", to);
    copies::add_safety_checker(&fixtures().join("checkpoints"), &folder);
    folder
}

/// A checkpoint as the shared cache of Hugging Face keeps it: the files are symbolic links to blobs. Returns HF_HOME.
pub fn cached(name: &str, id: &str, to: &Path) -> PathBuf {
    let repository = to.join("hub").join(format!("models--{}", id.replace('/', "--")));
    let (blobs, commit) = (repository.join("blobs"), "0123456789abcdef0123456789abcdef01234567");
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::create_dir_all(repository.join("refs")).unwrap();
    std::fs::write(repository.join("refs/main"), commit).unwrap();
    for (number, file) in walk(&checkpoint(name)).iter().enumerate() {
        let link =
            repository.join("snapshots").join(commit).join(file.strip_prefix(checkpoint(name)).unwrap());
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        let blob = blobs.join(format!("{number:040x}"));
        std::fs::copy(file, &blob).unwrap();
        std::os::unix::fs::symlink(&blob, link).unwrap();
    }
    to.to_path_buf()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
