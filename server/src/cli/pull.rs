//! `dense-diffusion pull`: a checkpoint from the hub into the shared cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::interrupt;
use crate::say::say;
use indicatif::{ProgressBar, ProgressStyle};

/// Fetch a checkpoint into the shared Hugging Face cache
///
/// Only the files that are needed; what an interrupted run has fetched is kept. HF_HOME, HF_HUB_CACHE, HF_TOKEN and
/// HF_ENDPOINT are respected.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// owner/name, or owner/name@revision
    id: String,
}

/// Fetches with a progress bar; Ctrl-C stops, and the next run resumes.
pub fn run(args: Args) -> anyhow::Result<()> {
    let cancel = Arc::new(AtomicBool::new(false));
    let on_interrupt = Arc::clone(&cancel);
    interrupt::on_first("stopping, and what was fetched is kept", move || {
        on_interrupt.store(true, Ordering::Relaxed);
    })?;
    let folder = hub::pull(&args.id, &mut Bar::default(), &cancel)?;
    say(folder.display())?;
    Ok(())
}

/// One bar over the bytes of all files.
#[derive(Default)]
struct Bar {
    bar: Option<ProgressBar>,
    /// Bytes of the files before the current one.
    finished: u64,
    current: Option<(String, u64)>,
}

impl hub::Progress for Bar {
    fn start(&mut self, files: &[hub::FileSize]) {
        let style = ProgressStyle::with_template(
            "{wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} left  {msg}",
        );
        let bar = ProgressBar::new(files.iter().map(|file| file.size).sum());
        self.bar = Some(style.map(|style| bar.clone().with_style(style)).unwrap_or(bar));
    }

    fn advance(&mut self, path: &str, done: u64, total: u64) {
        if self.current.as_ref().is_none_or(|(current, _)| current != path) {
            self.finished += self.current.replace((path.to_owned(), total)).map_or(0, |(_, size)| size);
        }
        if let Some(bar) = &self.bar {
            bar.set_message(path.to_owned());
            bar.set_position(self.finished + done);
        }
    }
}
