//! Ctrl-C for long-running commands.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::say::mention;
use anyhow::Context;
use diffusion::CancelToken;

/// The exit status of a program ended by SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

/// What Ctrl-C ended in good order, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Interrupted(pub String);

impl Interrupted {
    /// Ends the program as if SIGINT had, which a shell's loop does not go on after.
    pub fn end() -> ! {
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGINT);
        signal_hook::low_level::exit(INTERRUPTED)
    }
}

/// A token that the first Ctrl-C sets, for a clean end.
pub fn token() -> anyhow::Result<CancelToken> {
    let cancel = CancelToken::default();
    let on_interrupt = cancel.clone();
    on_first("stopping after the step under way", move || on_interrupt.cancel())?;
    Ok(cancel)
}

/// Runs a handler on the first Ctrl-C; the second ends the program at once, for work that does not check:
/// loading a checkpoint, a long step, a server that does not respond.
pub fn on_first(said: &'static str, does: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let is_second = AtomicBool::new(false);
    let handler = move || {
        if is_second.swap(true, Ordering::Relaxed) {
            // As at the end of `main`.
            signal_hook::low_level::exit(INTERRUPTED);
        }
        does();
        mention(format_args!("{said}; Ctrl-C again stops at once"));
    };
    ctrlc::set_handler(handler).context("Ctrl-C cannot be handled")
}
