//! How a job ends: it was painted or could not be, or it is cancelled, deleted, or given up.

use std::sync::Arc;
use std::time::Instant;

use api::Event;
use jobs::{Job, JobId, Owner, Status, StoreError};

use super::{Queue, Turn};

impl Queue {
    /// A job is painted no more, as the store says; `job` if that is known, or else it is looked up.
    pub async fn ended(&self, id: &JobId, job: Option<Job>) {
        let turn = self.turn().await;
        let was_painted = self.drop_running(id);
        let job = match job {
            // The answer to what ended it may have been lost.
            None if was_painted => self.look_up(id).await.filter(|job| !job.is_open()),
            job => job,
        };
        if let Some(job) = job {
            match job.status {
                Status::Done => self.metrics.ended("done"),
                // Counted by whoever cancelled it.
                Status::Cancelled => {}
                _ => self.metrics.ended("failed"),
            }
            self.broadcaster.tell(id, &Event::Job(self.view(job)));
        }
        self.tell_places(&turn).await;
    }

    /// Cancels a job of the owner; one that is painted stops after the step under way.
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
                // Again, where the answer to the first time was lost.
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
            // Its pictures may lie in a bucket that is slow to answer: the queue goes on meanwhile.
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

    /// Cancels jobs that nobody has looked at for the grace, as of `now`.
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

    /// A job was cancelled: for the measurements and whoever paints it.
    fn cancelled(&self, id: &JobId, _turn: &Turn<'_>) {
        self.metrics.ended("cancelled");
        self.stop(id);
    }

    /// A job of which something is to be told that has happened, whether it can be told or not.
    pub(super) async fn look_up(&self, id: &JobId) -> Option<Job> {
        self.store.job(id).await.unwrap_or_else(|error| {
            tracing::warn!(job = id.as_str(), "who watches it is not told what became of it: {error}");
            None
        })
    }
}

/// Runs something to its end, even if whoever asked for it leaves in the middle: whoever paints and watches must be told
/// what the database says.
async fn run_to_completion<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime ends, and nobody waits any more.
        Err(Err(_)) => std::future::pending().await,
    }
}
