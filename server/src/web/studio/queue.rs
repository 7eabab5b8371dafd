//! The stored jobs, and the transient state of running ones: their progress and their watchers.

mod ends;
mod leases;

use std::mem;
use std::path::Path;
use std::time::{Duration, Instant};

use api::{Event, Preview};
use diffusion::CancelToken;
use jobs::{
    Capacity, ClaimLimits, Claimed, Job, JobId, JobPage, NewJob, Owner, Place, Store, StoreError, Submission,
};
use parking_lot::Mutex;
use tokio::sync::{MutexGuard, Notify};

use super::broadcaster::Broadcaster;
use super::last_seen::LastSeen;
use super::pace::Pace;
use super::running::Running;
use crate::web::metrics::Metrics;

/// Polling interval, in case a notification is lost.
const POLL: Duration = Duration::from_secs(5);

/// The queue; shared by the runner and all requests.
#[derive(Debug)]
pub struct Queue {
    store: Store,
    pub(super) broadcaster: Broadcaster,
    pace: Pace,
    pub(super) last_seen: LastSeen,
    metrics: Metrics,
    claim_limits: ClaimLimits,
    pub(super) running: Mutex<Vec<Running>>,
    /// False once closed.
    open: tokio::sync::Mutex<bool>,
    submitted: Notify,
}

/// Held while the queue changes and watchers are notified, for order. True if the queue is open.
type Turn<'q> = MutexGuard<'q, bool>;

impl Queue {
    /// Opens the store in `folder` with its pictures in `place`; requeues or fails jobs that were running.
    /// Jobs that go unwatched for `grace` are cancelled.
    pub async fn open(
        folder: &Path,
        place: &Place,
        claim_limits: ClaimLimits,
        grace: Option<Duration>,
    ) -> Result<Self, StoreError> {
        let store = Store::open(folder, place).await?;
        let (broadcaster, pace, metrics) = <(Broadcaster, Pace, Metrics)>::default();
        let last_seen = LastSeen::new(grace);
        let (running, open, submitted) = (Mutex::default(), tokio::sync::Mutex::new(true), Notify::new());
        let queue =
            Self { store, broadcaster, pace, last_seen, metrics, claim_limits, running, open, submitted };
        queue.recover().await?;
        Ok(queue)
    }

    /// The store, for reads: requests, pictures, share links.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Accepts a job if there is room.
    pub async fn submit(
        &self,
        owner: &Owner,
        new: &NewJob,
        capacity: Capacity,
    ) -> Result<Submission, StoreError> {
        let submission = self.store.submit(owner, new, capacity).await?;
        self.submitted.notify_one();
        Ok(submission)
    }

    /// Metrics for the host.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts the watchers.
    pub fn watchers(&self) -> usize {
        self.broadcaster.watchers()
    }

    /// The measured speed.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Estimates when there may be room for another job: when the first running one ends.
    pub fn room_in(&self) -> Option<Duration> {
        self.running.lock().iter().filter_map(|running| running.left(&self.pace)).min()
    }

    /// Finds a job of the owner.
    pub async fn find(&self, owner: &Owner, id: &JobId) -> Result<Option<api::Job>, StoreError> {
        let job = self.store.find(owner, id).await?;
        self.last_seen.note(job.iter());
        Ok(job.map(|job| self.view(job)))
    }

    /// Returns a page of the owner's jobs, as [`Store::page`] does.
    pub async fn page(
        &self,
        owner: &Owner,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Option<JobPage>, StoreError> {
        let page = self.store.page(owner, before, limit).await?;
        self.last_seen.note(page.iter().flat_map(|page| &page.jobs));
        Ok(page)
    }

    /// Claims the next job, unless the queue is closed.
    pub async fn claim(&self) -> Result<Option<(Claimed, CancelToken)>, StoreError> {
        let turn = self.turn().await;
        if !*turn {
            return Ok(None);
        }
        let Some(claimed) = self.store.claim(self.claim_limits, jobs::lease_time()).await? else {
            return Ok(None);
        };
        // Another place may be idle: it checks whether a job can run beside this one.
        self.submitted.notify_one();
        let waited = jobs::now().saturating_sub(claimed.job.created).max(0);
        self.metrics.begun(Duration::from_millis(waited.cast_unsigned()));
        let cancel = CancelToken::default();
        self.running.lock().push(Running {
            lease: claimed.lease.clone(),
            work: claimed.job.work,
            cancel: cancel.clone(),
            step: 0,
            steps_left: None,
            renewed: Instant::now(),
            preview: None,
        });
        self.broadcaster.tell(&claimed.job.id, &Event::Job(self.view(claimed.job.clone())));
        self.tell_places(&turn).await;
        Ok(Some((claimed, cancel)))
    }

    /// Is the job being painted here?
    pub fn is_painted(&self, id: &JobId) -> bool {
        self.of_running(id, |_| ()).is_some()
    }

    /// Waits until there may be something to claim; false once the queue is closed.
    pub async fn wait(&self) -> bool {
        let _ = tokio::time::timeout(POLL, self.submitted.notified()).await;
        *self.turn().await
    }

    /// Records and sends a running job's progress; nothing is stored.
    pub fn progress(&self, job: &Job, step: u32, steps_left: Option<Duration>) {
        // One not in the list was released or lost its lease: this is its last step.
        let note = |running: &mut Running| (running.step, running.steps_left) = (step, steps_left);
        if self.of_running(&job.id, note).is_some() {
            self.broadcaster.tell(&job.id, &Event::Job(self.view(job.clone())));
        }
    }

    /// Sends an event to a job's watchers, and keeps the last preview of its first picture.
    pub fn tell(&self, id: &JobId, event: &Event) {
        if let Event::Preview(Preview { sample: 0, png, .. }) = event {
            self.of_running(id, |running| running.preview = Some(png.clone()));
        }
        self.broadcaster.tell(id, event);
    }

    /// Returns the last preview of a running job's first picture, as base64 PNG, if watched.
    pub fn preview(&self, id: &JobId) -> Option<String> {
        self.of_running(id, |running| running.preview.clone())?
    }

    /// Is anybody watching the job?
    pub fn is_watched(&self, id: &JobId) -> bool {
        self.broadcaster.is_watched(id)
    }

    /// Closes the queue: claims end, running jobs wait for the next server, watchers are disconnected.
    pub async fn close(&self) {
        let mut turn = self.turn().await;
        *turn = false;
        let running = mem::take(&mut *self.running.lock());
        for Running { lease, cancel, .. } in running {
            cancel.cancel();
            if let Err(error) = self.store.release(&lease).await {
                tracing::warn!("a job could not be given back, which costs it an attempt: {error}");
            }
        }
        self.broadcaster.close();
        // Wake those that wait, and the next that would.
        self.submitted.notify_waiters();
        self.submitted.notify_one();
    }

    /// Drops the events of ended jobs.
    pub async fn forget(&self) -> Result<(), StoreError> {
        // No job is claimed or cancelled while this is held.
        let _turn = self.turn().await;
        self.broadcaster.forget(&self.store.open_ids().await?.into_iter().collect());
        Ok(())
    }

    async fn turn(&self) -> Turn<'_> {
        self.open.lock().await
    }

    /// Stops painting a job, if it is running.
    fn stop(&self, id: &JobId) {
        self.of_running(id, |running| running.cancel.cancel());
    }

    /// Sends watchers of waiting jobs their new places. Failing to do so does not undo the change.
    async fn tell_places(&self, _turn: &Turn<'_>) {
        let watched = self.broadcaster.watched();
        if watched.is_empty() {
            return;
        }
        match self.store.line().await {
            Ok(line) => line.into_iter().filter(|job| watched.contains(&job.id)).for_each(|job| {
                self.broadcaster.tell(&job.id.clone(), &Event::Job(self.view(job)));
            }),
            Err(error) => tracing::warn!("who waits is not told the new place: {error}"),
        }
    }

    /// Applies `look` to a running job.
    pub(super) fn of_running<T>(&self, id: &JobId, look: impl FnOnce(&mut Running) -> T) -> Option<T> {
        self.running.lock().iter_mut().find(|running| running.lease.job == *id).map(look)
    }
}
