//! Time that networks run.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tracing::{Metadata, Subscriber, span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Nanoseconds in calls of networks so far.
static RUNNING: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Adds up the time in the spans of networks' runs.
struct Clock;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Clock {
    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        if context.metadata(id).is_some_and(is_run) {
            SINCE.set(Some(Instant::now()));
        }
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        if context.metadata(id).is_some_and(is_run)
            && let Some(since) = SINCE.take()
        {
            RUNNING.fetch_add(since.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
    }
}

fn is_run(span: &Metadata<'_>) -> bool {
    span.target().starts_with("diffusion") && span.name() == "run"
}

/// From now on the time is added up.
pub fn start() -> anyhow::Result<()> {
    Ok(tracing::subscriber::set_global_default(Registry::default().with(Clock))?)
}

/// The time that networks have run.
pub fn running() -> Duration {
    Duration::from_nanos(RUNNING.load(Ordering::Relaxed))
}
