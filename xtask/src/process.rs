//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use crate::place::{self, Profile};

/// Cargo, run in the repository's root with the toolchain that runs this program.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(place::root());
    command
}

/// Node's package manager.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The command line, for display.
pub fn describe(command: &Command) -> String {
    let root = place::root().to_string_lossy().into_owned() + std::path::MAIN_SEPARATOR_STR;
    let short = |part: &OsStr| part.to_string_lossy().replace(&root, "");
    let program = std::path::Path::new(command.get_program());
    let name = program.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    std::iter::once(name).chain(command.get_args().map(short)).collect::<Vec<_>>().join(" ")
}

/// Runs a command with its output on the terminal.
///
/// # Errors
/// If it cannot be started or fails.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = describe(command);
    let status = command.status().with_context(|| format!("`{name}` cannot be started"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Runs a command silently and returns its output; on failure, the end of its stderr is in the error.
///
/// # Errors
/// If it cannot be started or fails.
pub fn quiet(command: &mut Command) -> anyhow::Result<String> {
    fed(command, "")
}

/// As [`quiet`], with `input`, which must be small: it is written before anything is read.
///
/// # Errors
/// As [`quiet`].
pub fn fed(command: &mut Command, input: &str) -> anyhow::Result<String> {
    let name = describe(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("`{name}` cannot be started"))?;
    // Unread input is no error of its own.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().with_context(|| format!("`{name}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = said.lines().rev().take(15).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        bail!("`{name}` failed ({}):\n{}", output.status, last.join("\n"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, shows each line of its output and passes it to `look`; returns whether it succeeded.
///
/// # Errors
/// If it cannot be started.
pub fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> anyhow::Result<bool> {
    let name = describe(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{name}` cannot be started"))?;
    let output: Box<dyn Read> = match child.stdout.take() {
        Some(output) => Box::new(output),
        None => Box::new(std::io::empty()),
    };
    let mut lines = BufReader::new(output);
    let mut line = Vec::new();
    // Bytes, not `lines()`: a test may print invalid UTF-8.
    while lines
        .read_until(b'\n', &mut line)
        .with_context(|| format!("`{name}`: its output cannot be read"))?
        > 0
    {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        look(text.trim_end());
        line.clear();
    }
    Ok(child.wait().with_context(|| format!("`{name}`"))?.success())
}

/// Builds the server and returns its path.
///
/// # Errors
/// If it cannot be compiled.
pub fn build_server(profile: Profile) -> anyhow::Result<PathBuf> {
    println!("server: compiling …");
    let mut cargo = cargo();
    cargo.args(["build", "--package", "server", "--bin", "dense-diffusion"]);
    run(cargo.args((profile == Profile::Release).then_some("--release")))?;
    Ok(place::server(profile))
}

/// Our server in the background; ends when dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// If it does not.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let process = command.stdout(Stdio::piped()).spawn()?;
        let mut server = Self { process, url: String::new() };
        let mut line = String::new();
        let output = server.process.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        server.url = url.with_context(|| format!("the server says {line:?}"))?.to_owned();
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
