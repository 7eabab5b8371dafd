//! Debian's packages, on Debian and where we may install.

use std::process::Command;

use anyhow::bail;

use crate::{place, process};

/// Installs packages, as root or through a `sudo` without password.
///
/// # Errors
/// If this is not Debian, or we may not install: then with the command for a person to run.
pub fn install(packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if place::program("apt-get").is_none() {
        bail!("Debian's packages are needed here ({list}), but there is no apt-get");
    }
    let Some(prefix) = prefix() else {
        bail!("please run: sudo apt-get install --no-install-recommends {list}");
    };
    // The package lists may be old or, on a new machine, missing.
    process::quiet(&mut apt(prefix, &["update", "--quiet"]))?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    process::quiet(&mut apt(prefix, &arguments))?;
    Ok(())
}

/// What precedes `apt-get`: nothing for root, `sudo` if it needs no password, `None` if we may not install.
fn prefix() -> Option<&'static [&'static str]> {
    let says = |program: &str, arguments: &[&str]| process::quiet(Command::new(program).args(arguments)).ok();
    if says("id", &["-u"]).is_some_and(|id| id.trim() == "0") {
        Some(&[])
    } else {
        says("sudo", &["-n", "true"]).map(|_| ["sudo", "-n"].as_slice())
    }
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let line: Vec<&str> =
        prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).collect();
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).args(arguments);
    command
}
