//! The jobs of the store together with what is known of some only while they are painted: how far it is, who watches it.

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

/// How often the queue is looked at without a notice, should one be lost.
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
    /// False: closed.
    open: tokio::sync::Mutex<bool>,
    submitted: Notify,
}

/// Held while the queue moves and its watchers are told, so that they are told in that order. Says whether the queue is open.
type Turn<'q> = MutexGuard<'q, bool>;

impl Queue {
    /// Opens the store in `folder` with its pictures in `place`; what a server before was painting waits again, or fails.
    /// Jobs that nobody looks at for `grace` are given up.
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

    /// What is read from the store alone: requests, pictures, what links show.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes a job in, if there is room.
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

    /// What is counted for the host.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.broadcaster.watchers()
    }

    /// How fast jobs are painted.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Until there may be room for another job: until the first of the running ones ends.
    pub fn room_in(&self) -> Option<Duration> {
        self.running.lock().iter().filter_map(|running| running.left(&self.pace)).min()
    }

    /// A job of the owner.
    pub async fn find(&self, owner: &Owner, id: &JobId) -> Result<Option<api::Job>, StoreError> {
        let job = self.store.find(owner, id).await?;
        self.last_seen.note(job.iter());
        Ok(job.map(|job| self.view(job)))
    }

    /// A part of the owner's jobs, as [`Store::page`] does.
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
        // Others may have had to wait for the one before to end: somebody looks whether one can be painted beside this one.
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

    /// Is it a job that is painted?
    pub fn is_painted(&self, id: &JobId) -> bool {
        self.of_running(id, |_| ()).is_some()
    }

    /// Waits until there may be something to claim; false once the queue is closed.
    pub async fn wait(&self) -> bool {
        let _ = tokio::time::timeout(POLL, self.submitted.notified()).await;
        *self.turn().await
    }

    /// A running job came to another step; told at once, written nowhere.
    pub fn progress(&self, job: &Job, step: u32, steps_left: Option<Duration>) {
        // One that is not among them was given back or found lost: this is its last step.
        let note = |running: &mut Running| (running.step, running.steps_left) = (step, steps_left);
        if self.of_running(&job.id, note).is_some() {
            self.broadcaster.tell(&job.id, &Event::Job(self.view(job.clone())));
        }
    }

    /// Tells a job's watchers, and remembers the last preview of its first picture.
    pub fn tell(&self, id: &JobId, event: &Event) {
        if let Event::Preview(Preview { sample: 0, png, .. }) = event {
            self.of_running(id, |running| running.preview = Some(png.clone()));
        }
        self.broadcaster.tell(id, event);
    }

    /// The last look at a job's first picture, as PNG in base64, while it is painted and watched.
    pub fn preview(&self, id: &JobId) -> Option<String> {
        self.of_running(id, |running| running.preview.clone())?
    }

    /// Does anybody watch the job?
    pub fn is_watched(&self, id: &JobId) -> bool {
        self.broadcaster.is_watched(id)
    }

    /// Ends the queue: nothing is claimed any more, what is painted waits for the next server, watchers are let go.
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
        // Whoever waits, and whoever is about to.
        self.submitted.notify_waiters();
        self.submitted.notify_one();
    }

    /// Forgets what was told of jobs that are over.
    pub async fn forget(&self) -> Result<(), StoreError> {
        // While this is held no job is claimed or cancelled.
        let _turn = self.turn().await;
        self.broadcaster.forget(&self.store.open_ids().await?.into_iter().collect());
        Ok(())
    }

    async fn turn(&self) -> Turn<'_> {
        self.open.lock().await
    }

    /// Stops painting a job, if it is painted.
    fn stop(&self, id: &JobId) {
        self.of_running(id, |running| running.cancel.cancel());
    }

    /// Tells those who watch a waiting job its new place. What moved the queue has happened, whether they are told or not.
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

    /// What `look` finds at a job that is painted.
    pub(super) fn of_running<T>(&self, id: &JobId, look: impl FnOnce(&mut Running) -> T) -> Option<T> {
        self.running.lock().iter_mut().find(|running| running.lease.job == *id).map(look)
    }
}
