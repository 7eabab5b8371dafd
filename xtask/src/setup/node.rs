//! Node's packages: Playwright for the tests, binaryen for release builds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::Step;
use crate::{place, process};

/// Playwright and its types, in `end2end`.
pub const BROWSER_TESTS: Step = Step {
    name: "packages of the browser tests",
    find: || Ok(installed(&place::end2end())),
    plan: "npm ci in end2end",
    make: || install(&place::end2end()),
};

/// binaryen's `wasm-opt`. Other versions may be too old for what rustc emits, and then break the program
/// silently, so this is the one version that is known to work.
pub const BINARYEN: Step = Step {
    name: "wasm-opt",
    find: || Ok(installed(&toolchain())),
    plan: "npm ci in toolchain",
    make: || install(&toolchain()),
};

/// Runs a program of the browser tests' packages.
pub fn npx() -> Command {
    let mut command = Command::new(if cfg!(windows) { "npx.cmd" } else { "npx" });
    command.arg("--no-install").current_dir(place::end2end());
    command
}

/// Optimises a WASM file for size.
pub fn wasm_opt() -> Command {
    Command::new(toolchain().join("node_modules/.bin/wasm-opt"))
}

fn toolchain() -> PathBuf {
    place::root().join("toolchain")
}

/// The path of the packages, if they were installed from the current lock file.
fn installed(folder: &Path) -> Option<String> {
    let wanted = std::fs::read(folder.join("package-lock.json")).ok()?;
    let made = std::fs::read(stamp(folder)).ok()?;
    (wanted == made).then(|| folder.join("node_modules").display().to_string())
}

fn install(folder: &Path) -> anyhow::Result<()> {
    let mut npm = process::npm();
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::quiet(&mut npm).with_context(|| {
        format!("the packages in {} cannot be installed; Node.js 20 or newer is needed", folder.display())
    })?;
    std::fs::copy(folder.join("package-lock.json"), stamp(folder)).context("npm left no node_modules")?;
    Ok(())
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join("node_modules/.installed-lock")
}
