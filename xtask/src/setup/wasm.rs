//! The Rust toolchain that compiles for the browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::{Step, apt};
use crate::{place, process};

/// A toolchain with the standard library for WASM.
pub const TOOLCHAIN: Step = Step {
    name: "WASM toolchain",
    find: || Ok(Toolchain::find()?.map(|toolchain| toolchain.to_string())),
    plan: "adding the target wasm32-unknown-unknown",
    make,
};

/// rustc's name for the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The variable that chooses: `debian`, `rustup`, or a toolchain's folder (with `bin/cargo` in it).
const VARIABLE: &str = "WASM_TOOLCHAIN";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Where the compiler for the browser comes from.
pub enum Toolchain {
    /// The toolchain that runs this program knows the target.
    Active,
    /// Another one, in this folder.
    Folder(PathBuf),
}

impl Toolchain {
    /// The toolchain to use, if there is one.
    ///
    /// # Errors
    /// If `WASM_TOOLCHAIN` names no toolchain.
    pub fn find() -> anyhow::Result<Option<Self>> {
        let active = || active_knows_target().then_some(Self::Active);
        Ok(match Choice::get()? {
            Choice::Folder(folder) => Some(Self::Folder(folder)),
            Choice::Rustup => active(),
            // The stamp is written last by the script.
            Choice::Debian => Some(debian()).filter(|it| it.join(".stamp").is_file()).map(Self::Folder),
            Choice::Any => {
                active().or_else(|| Some(debian()).filter(|it| it.join(".stamp").is_file()).map(Self::Folder))
            }
        })
    }

    /// This toolchain's cargo.
    pub fn cargo(&self) -> Command {
        let mut command = process::cargo();
        if let Self::Folder(folder) = self {
            command = Command::new(folder.join("bin/cargo"));
            let path = [folder.join("bin"), "/usr/bin".into(), "/bin".into()];
            command.current_dir(place::root()).env("PATH", std::env::join_paths(path).unwrap_or_default());
            for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
                command.env_remove(variable);
            }
        }
        // Flags for this machine's processor do not fit the browser.
        command.env_remove("RUSTFLAGS");
        command
    }
}

impl std::fmt::Display for Toolchain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Active => write!(f, "the active one"),
            Self::Folder(folder) => write!(f, "{}", folder.display()),
        }
    }
}

enum Choice {
    Any,
    Debian,
    Rustup,
    Folder(PathBuf),
}

impl Choice {
    fn get() -> anyhow::Result<Self> {
        Ok(match std::env::var(VARIABLE).unwrap_or_default().as_str() {
            "" => Self::Any,
            "debian" => Self::Debian,
            "rustup" => Self::Rustup,
            folder => {
                let folder = place::root().join(folder);
                ensure!(
                    folder.join("bin/cargo").is_file(),
                    "{VARIABLE} is set to {}: neither `debian`, nor `rustup`, nor a folder with bin/cargo",
                    folder.display()
                );
                Self::Folder(folder)
            }
        })
    }
}

fn make() -> anyhow::Result<()> {
    let rustup = place::program("rustup").is_some();
    match Choice::get()? {
        Choice::Debian => make_debian(),
        Choice::Any if !rustup => make_debian(),
        _ => process::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(|| {
            format!(
                "rustup cannot add the target; on Debian, {VARIABLE}=debian makes a toolchain of its packages"
            )
        }),
    }
}

/// Sets up Debian's compiler, with a standard library built here from Debian's source.
fn make_debian() -> anyhow::Result<()> {
    let there = ["/usr/bin/rustc", "/usr/bin/cargo", "/usr/lib/rustlib/src/rust/library"];
    let linker = || process::quiet(Command::new("sh").args(["-c", "ls -d /usr/lib/llvm-*/bin/lld"])).is_ok();
    if !there.iter().all(|path| Path::new(path).exists()) || !linker() {
        apt::install(&DEBIAN_PACKAGES).with_context(|| {
            format!("no compiler for the browser: `rustup target add {TARGET}`, or set {VARIABLE} to a toolchain that knows it")
        })?;
    }
    let version = process::quiet(Command::new("/usr/bin/rustc").arg("--version"))?;
    if !new_enough(&version) {
        bail!(
            "Debian's compiler is too old ({}); {} is needed",
            version.trim(),
            env!("CARGO_PKG_RUST_VERSION")
        );
    }
    process::quiet(Command::new(place::root().join("toolchain/debian-wasm-std")).arg(debian()))?;
    Ok(())
}

/// Whether `rustc 1.96.0 (…)` is at least the version that the workspace asks for.
fn new_enough(version: &str) -> bool {
    let numbers = |text: &str| text.split('.').take(2).map(|n| n.parse().unwrap_or(0)).collect::<Vec<u32>>();
    version.split_whitespace().nth(1).is_some_and(|it| numbers(it) >= numbers(env!("CARGO_PKG_RUST_VERSION")))
}

fn active_knows_target() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    process::quiet(Command::new(rustc).current_dir(place::root()).args(["--print", "sysroot"]))
        .is_ok_and(|root| Path::new(root.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn debian() -> PathBuf {
    place::target().join("toolchain")
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn an_older_compiler_is_refused() {
        assert!(!new_enough("rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)"));
        assert!(!new_enough("no version"));
    }

    #[test]
    fn a_newer_compiler_is_taken() {
        assert!(new_enough("rustc 1.96.0 (ac68faa20 2026-05-25)"));
        assert!(new_enough("rustc 2.0.0"));
    }
}
