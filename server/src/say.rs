//! Output of commands whose reader may be gone: `println!` would panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// Prints a line on standard output, whose reader may stop early.
///
/// # Errors
/// Other write errors: the disk is full, say.
pub fn say(line: impl Display) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// Prints a line on standard error, ignoring write errors.
pub fn mention(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
