//! The browser of the end-to-end tests.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use super::{Step, apt, node};
use crate::{place, process};

/// A Chromium that Playwright can drive.
pub const BROWSER: Step = Step { name: "browser", find, plan: "installing Chromium", make };

/// The variable that names another browser.
const VARIABLE: &str = "CHROMIUM";

/// The browser to test with: `CHROMIUM`, or one on the search path. `None`: Playwright's own.
///
/// # Errors
/// If `CHROMIUM` names no file.
pub fn chromium() -> anyhow::Result<Option<PathBuf>> {
    let given = place::file_from_env(VARIABLE)?;
    Ok(given.or_else(|| {
        ["chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"]
            .into_iter()
            .find_map(place::program)
    }))
}

fn find() -> anyhow::Result<Option<String>> {
    if let Some(path) = chromium()? {
        return Ok(Some(path.display().to_string()));
    }
    let script = "const p = require('playwright').chromium.executablePath(); \
                  if (require('fs').existsSync(p)) console.log(p)";
    let said = process::quiet(Command::new("node").args(["-e", script]).current_dir(place::end2end()));
    Ok(said.ok().map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()))
}

/// Debian's Chromium where we may install packages, Playwright's own elsewhere.
fn make() -> anyhow::Result<()> {
    if apt::install(&["chromium"]).is_ok() {
        return Ok(());
    }
    process::run(node::npx().args(["playwright", "install", "chromium"])).with_context(|| {
        format!("no browser for the tests: install Chromium, or set {VARIABLE} to the path of one")
    })
}
