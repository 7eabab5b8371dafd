//! `cargo xtask check`: all checks that do not run the program.

use std::process::Command;

use anyhow::{Context, bail};

use crate::{place, process, setup, tidy};

/// Runs every check and says which failed.
pub fn run() -> anyhow::Result<()> {
    setup::run(setup::CHECK)?;
    let deny = setup::cargo_deny()?.context("cargo-deny is not there: run `cargo xtask setup`")?;
    let checks: [(&str, Command); 5] = [
        ("format", cargo(&["fmt", "--all", "--check"])),
        ("lints", cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])),
        // The browser's half of the pages. It also compiles here, where every toolchain has clippy.
        (
            "lints of the browser's code",
            cargo(&[
                "clippy",
                "--package",
                "app",
                "--features",
                "hydrate",
                "--quiet",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        ("dependencies", with(deny, &["--log-level", "error", "check", "bans", "licenses", "sources"])),
        ("documentation", documentation()),
    ];
    let mut failed = Vec::new();
    println!("check: repository rules");
    if let Err(error) = tidy::run() {
        eprintln!("{error:#}");
        failed.push("repository rules");
    }
    for (name, mut command) in checks {
        println!("check: {name}");
        if let Err(error) = process::run(&mut command) {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("not in order: {}", failed.join(", "));
    }
    println!("check: all in order");
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    with(process::cargo(), arguments)
}

fn documentation() -> Command {
    let mut cargo = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    cargo
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).current_dir(place::root());
    command
}
