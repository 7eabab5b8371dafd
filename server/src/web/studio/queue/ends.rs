//! How a job ends: done, failed, cancelled, deleted or abandoned.

use std::sync::Arc;
use std::time::Instant;

use api::Event;
use jobs::{Job, JobId, Owner, Status, StoreError};

use super::{Queue, Turn};

impl Queue {
    /// Records that a job is no longer painted; `job` is its stored state, looked up if unknown.
    pub async fn ended(&self, id: &JobId, job: Option<Job>) {
        let turn = self.turn().await;
        let was_painted = self.drop_running(id);
        let job = match job {
            // The reply to the write that ended it may have been lost.
            None if was_painted => self.look_up(id).await.filter(|job| !job.is_open()),
            job => job,
        };
        if let Some(job) = job {
            match job.status {
                Status::Done => self.metrics.ended("done"),
                // Counted when it was cancelled.
                Status::Cancelled => {}
                _ => self.metrics.ended("failed"),
            }
            self.broadcaster.tell(id, &Event::Job(self.view(job)));
        }
        self.tell_places(&turn).await;
    }

    /// Cancels a job of the owner; a running one stops after the current step.
    pub async fn cancel(self: &Arc<Self>, owner: &Owner, id: &JobId) -> Result<Option<api::Job>, StoreError> {
        let (queue, owner, id) = (Arc::clone(self), owner.clone(), id.clone());
        run_to_completion(async move {
            let turn = queue.turn().await;
            if queue.store.cancel(&id, Some(&owner)).await? {
                queue.cancelled(&id, &turn);
            }
            let Some(job) = queue.store.find(&owner, &id).await? else { return Ok(None) };
            let job = queue.view(job);
            if job.state == api::State::Cancelled {
                // Repeated, in case the first reply was lost.
                queue.stop(&id);
                queue.broadcaster.tell(&id, &Event::Job(job.clone()));
                queue.tell_places(&turn).await;
            }
            Ok(Some(job))
        })
        .await
    }

    /// Deletes a job of the owner; false if there is none.
    pub async fn delete(self: &Arc<Self>, owner: &Owner, id: &JobId) -> Result<bool, StoreError> {
        let (queue, owner, id) = (Arc::clone(self), owner.clone(), id.clone());
        run_to_completion(async move {
            let job = queue.store.find(&owner, &id).await?;
            // Its pictures may be in a slow bucket: do not block the queue.
            let deleted = queue.store.delete(&owner, &id).await?;
            let turn = queue.turn().await;
            if let Some(job) = job.filter(|job| deleted && job.is_open()) {
                queue.cancelled(&id, &turn);
                let job = queue.view(Job { status: Status::Cancelled, ..job });
                queue.broadcaster.tell(&id, &Event::Job(job));
                queue.tell_places(&turn).await;
            }
            Ok(deleted)
        })
        .await
    }

    /// Cancels jobs that have gone unwatched for the grace, as of `now`.
    pub async fn give_up(&self, now: Instant) -> Result<(), StoreError> {
        if !self.last_seen.counts() {
            return Ok(());
        }
        let open = self.store.open_ids().await?;
        for id in self.last_seen.forgotten(open, |id| self.broadcaster.is_watched(id), now) {
            let turn = self.turn().await;
            if self.store.cancel(&id, None).await? {
                tracing::info!(job = id.as_str(), "nobody looks at it any more: cancelled");
                self.cancelled(&id, &turn);
                if let Some(job) = self.look_up(&id).await {
                    self.broadcaster.tell(&id, &Event::Job(self.view(job)));
                }
                self.tell_places(&turn).await;
            }
        }
        Ok(())
    }

    /// Counts a cancelled job and stops its painting.
    fn cancelled(&self, id: &JobId, _turn: &Turn<'_>) {
        self.metrics.ended("cancelled");
        self.stop(id);
    }

    /// Loads a job for a notification of something that has already happened; logs errors.
    pub(super) async fn look_up(&self, id: &JobId) -> Option<Job> {
        self.store.job(id).await.unwrap_or_else(|error| {
            tracing::warn!(job = id.as_str(), "who watches it is not told what became of it: {error}");
            None
        })
    }
}

/// Runs a future to completion, even if its caller goes away: painter and watchers must learn what the
/// database says.
async fn run_to_completion<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime is shutting down, and nobody waits any more.
        Err(Err(_)) => std::future::pending().await,
    }
}
