//! `cargo deny`: licences, sources and duplicates of the dependencies.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use super::Step;
use crate::{place, process};

/// The program, from the search path or built once.
pub const CARGO_DENY: Step =
    Step { name: "cargo-deny", find, plan: "building it, which takes about five minutes, once", make };

/// The variable that names the program.
const VARIABLE: &str = "CARGO_DENY";
const VERSION: &str = "0.20.2";

/// The program: `CARGO_DENY`, or on the search path, or where `setup` put it.
///
/// # Errors
/// If `CARGO_DENY` names no file.
pub fn cargo_deny() -> anyhow::Result<Option<Command>> {
    let built = tools().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let path = place::file_from_env(VARIABLE)?
        .or_else(|| place::program("cargo-deny"))
        .or_else(|| Some(built).filter(|path| path.is_file()));
    Ok(path.map(Command::new))
}

fn find() -> anyhow::Result<Option<String>> {
    Ok(cargo_deny()?.map(|command| command.get_program().to_string_lossy().into_owned()))
}

fn make() -> anyhow::Result<()> {
    let package = format!("cargo-deny@{VERSION}");
    process::run(process::cargo().args(["install", "--quiet", "--locked", &package, "--root"]).arg(tools()))
        .with_context(|| format!("cargo-deny cannot be built; {VARIABLE} names one that is there"))
}

fn tools() -> PathBuf {
    place::target().join("tools")
}
