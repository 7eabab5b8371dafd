//! Ctrl-C for commands that take long.

use crate::say::mention;
use anyhow::Context;
use diffusion::CancelToken;

/// The exit status of a program that SIGINT ended, as shells tell it.
const INTERRUPTED: i32 = 130;

/// A token that the first Ctrl-C sets, so that what is under way ends in good order; the second ends the program at once, for
/// what cannot look at the token: a checkpoint that is being loaded, a long step.
pub fn token() -> anyhow::Result<CancelToken> {
    let cancel = CancelToken::default();
    let on_interrupt = cancel.clone();
    let handler = move || {
        if on_interrupt.is_cancelled() {
            // As at the end of `main`.
            signal_hook::low_level::exit(INTERRUPTED);
        }
        on_interrupt.cancel();
        mention("stopping after the step under way; Ctrl-C again stops at once");
    };
    ctrlc::set_handler(handler).context("Ctrl-C cannot be handled")?;
    Ok(cancel)
}
