//! What commands tell, where it may be that nobody reads it: `println!` would panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// A line on standard output. Whoever reads it need not do so to its end.
///
/// # Errors
/// Where it cannot be written otherwise: the disk of a file is full.
pub fn say(line: impl Display) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// A line on standard error, which is no reason to break off where it cannot be written.
pub fn mention(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
