//! Runs the jobs of a queue in order, as many at once as the painter wants.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::Event;
use diffusion::CancelToken;
use jobs::{Claimed, Job, JobId, Lease, Status, StoreError};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};

use super::painter::{PaintError, Painter, Step, Watcher};
use super::queue::Queue;
use super::trouble::{patiently, told};
use super::{painted_on, preview};

/// Delay before retrying a failed store.
const PAUSE: Duration = Duration::from_secs(1);

/// Minimum time between previews: a GPU does a hundred steps and more per second, too fast to see, and would
/// wait for each preview to be encoded.
const PREVIEW_PERIOD: Duration = Duration::from_millis(50);

/// What a user is told if only the host can fix the cause.
const INSIDE: &str = "The server could not paint this; its host finds the cause in the server's log.";

/// Runs jobs until the queue is closed. They wait for the painter; if it is `None`, they wait for a server
/// that has one: a model that cannot be loaded is the host's to fix.
pub async fn run(queue: Arc<Queue>, painter: impl Future<Output = Option<Arc<dyn Painter>>>) {
    let closed = async { while queue.wait().await {} };
    let painter = tokio::select! {
        painter = painter => painter,
        () = closed => return,
    };
    let Some(painter) = painter else { return };
    let mut places = JoinSet::new();
    for _ in 0..painter.at_once() {
        places.spawn(run_one(Arc::clone(&queue), Arc::clone(&painter)));
    }
    places.join_all().await;
}

/// Runs one job at a time.
async fn run_one(queue: Arc<Queue>, painter: Arc<dyn Painter>) {
    loop {
        let (job, worked) = match queue.claim().await {
            Ok(Some((claimed, cancel))) => {
                let job = Some(claimed.job.id.clone());
                let work = tokio::spawn(work(Arc::clone(&queue), claimed, cancel, Arc::clone(&painter)));
                let worked = work.await;
                if worked.as_ref().is_err_and(JoinError::is_cancelled) {
                    // The runtime is shutting down.
                    return;
                }
                (job, worked.map_err(anyhow::Error::from).and_then(|worked| Ok(worked?)))
            }
            Ok(None) => match queue.wait().await {
                true => (None, Ok(())),
                false => return,
            },
            Err(error) => (None, Err(error.into())),
        };
        // This loop goes on, even after a panic.
        if let Err(error) = worked {
            tracing::error!("jobs: {}", crate::one_line(&error));
            recover(&queue, job.as_ref()).await;
        }
    }
}

/// Retries until the store responds. The `lost` job may or may not have ended: stop painting it.
async fn recover(queue: &Queue, lost: Option<&JobId>) {
    if let Some(id) = lost {
        queue.drop_running(id);
    }
    let mut logged = String::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let Err(error) = queue.recover().await else { return };
        let error = error.to_string();
        // Once: a disk may be full for days.
        if error != logged {
            tracing::error!("jobs: {error}");
            logged = error;
        }
    }
}

/// Paints a job and stores its outcome.
#[tracing::instrument(level = "error", skip_all, name = "job", fields(id = claimed.job.id.as_str()))]
async fn work(
    queue: Arc<Queue>,
    claimed: Claimed,
    cancel: CancelToken,
    painter: Arc<dyn Painter>,
) -> Result<(), StoreError> {
    let (begun, Claimed { job, request, lease }) = (Instant::now(), claimed);
    let span = tracing::Span::current();
    let mut watch = Watch::new(Arc::clone(&queue), job, lease.clone());
    let image = painted_on::read(queue.store(), &request).await;
    let paint = move || {
        let _span = span.entered();
        let notes = painter.paint(&request, image?.as_deref(), &cancel, &mut watch)?;
        watch.end();
        Ok(notes)
    };
    let painted = tokio::task::spawn_blocking(paint).await;
    let outcome = painted.unwrap_or_else(|panic| Err(PaintError::Inside(panic.into())));
    let outcome = match outcome {
        Ok(notes) => patiently(|| queue.store().finish(&lease, &notes)).await.map_err(unkept),
        Err(error) => Err(error),
    };
    let ended = match outcome {
        Ok(job) => job,
        // Already stored by the cancellation.
        Err(PaintError::Cancelled) => None,
        Err(PaintError::Told(reason)) => queue.store().fail(&lease, &reason).await?,
        Err(PaintError::Inside(error)) => {
            tracing::error!("{}", crate::one_line(&error));
            queue.store().fail(&lease, INSIDE).await?
        }
    };
    let end = match ended.as_ref().map(|job| &job.status) {
        Some(Status::Done) => "done",
        Some(_) => "failed",
        // Cancelled, or its lease was lost.
        None => "stopped",
    };
    tracing::info!(end, seconds = begun.elapsed().as_secs_f64(), "it is over");
    queue.ended(&lease.job, ended).await;
    Ok(())
}

/// Tells the user about failures that may pass.
fn unkept(error: StoreError) -> PaintError {
    let Some(trouble) = error.trouble() else { return PaintError::Inside(error.into()) };
    tracing::error!("{error}");
    PaintError::Told(format!("The picture could not be kept. {}", told(trouble)))
}

/// Reports a job's progress to its watchers, from the painting thread.
struct Watch {
    runtime: Handle,
    queue: Arc<Queue>,
    job: Job,
    lease: Lease,
    claimed: Instant,
    /// When the initial noise was ready.
    started: Instant,
    /// When the last step was done.
    stepped: Instant,
    /// When the last preview was sent.
    shown: Option<Instant>,
}

impl Watch {
    fn new(queue: Arc<Queue>, job: Job, lease: Lease) -> Self {
        let (runtime, now) = (Handle::current(), Instant::now());
        Self { runtime, queue, job, lease, claimed: now, started: now, stepped: now, shown: None }
    }

    /// Renews the lease if due.
    fn renew(&self) {
        if self.queue.is_renewal_due(&self.job.id)
            && let Err(error) = self.runtime.block_on(self.queue.renew(&self.lease, jobs::lease_time()))
        {
            // There is time to retry.
            tracing::warn!("the lease is not renewed: {error}");
        }
    }

    /// Painting is complete.
    fn end(&self) {
        let steps = self.stepped.saturating_duration_since(self.started);
        self.queue.pace().beside(self.claimed.elapsed().saturating_sub(steps));
    }
}

fn is_preview_due(shown: Option<Instant>, now: Instant) -> bool {
    shown.is_none_or(|shown| now.saturating_duration_since(shown) >= PREVIEW_PERIOD)
}

impl Watcher for Watch {
    fn step(&mut self, &Step { step, steps, preview }: &Step<'_>) {
        let now = Instant::now();
        if step == 0 {
            // Exclude what comes before the steps, such as text encoding.
            self.started = now;
        } else {
            let work = self.job.work / u64::from(steps.max(1));
            self.queue.pace().step(work, now - self.stepped);
            self.queue.metrics().stepped(now - self.stepped);
        }
        self.stepped = now;
        let per_step = self.started.elapsed().checked_div(step);
        self.queue.progress(&self.job, step, per_step.map(|time| time * steps.saturating_sub(step)));
        self.renew();
        if step > 0 && is_preview_due(self.shown, now) && self.queue.is_watched(&self.job.id) {
            self.shown = Some(now);
            let pictures = (0..self.job.samples).filter_map(|sample| Some((sample, preview(sample)?)));
            for event in pictures.filter_map(|(sample, picture)| preview::event(sample, &picture)) {
                self.queue.tell(&self.job.id, &event);
            }
        }
    }

    /// Stores and announces a picture at once. A full disk, say, fails the job and loses it.
    fn picture(&mut self, sample: u32, png: Vec<u8>) -> Result<(), PaintError> {
        // Released for shutdown: there may be no time to store anything.
        if !self.queue.is_painted(&self.job.id) {
            return Err(PaintError::Cancelled);
        }
        self.renew();
        let keep = || self.queue.store().picture_done(&self.lease, sample, png.clone());
        let kept = self.runtime.block_on(patiently(keep)).map_err(unkept)?;
        self.job = kept.ok_or(PaintError::Cancelled)?;
        self.queue.tell(&self.job.id, &Event::Job(self.queue.view(self.job.clone())));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_preview_is_told_and_others_when_the_eye_is_done_with_the_last() {
        let shown = Instant::now();
        assert!(is_preview_due(None, shown));
        assert!(!is_preview_due(Some(shown), shown + PREVIEW_PERIOD / 2));
        assert!(is_preview_due(Some(shown), shown + PREVIEW_PERIOD));
    }
}
