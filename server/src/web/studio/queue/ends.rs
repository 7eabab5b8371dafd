//! Ends that do not come from painting: a job is cancelled, deleted, or given up.

use std::sync::Arc;
use std::time::Instant;

use api::Event;
use jobs::{Job, JobId, Owner, Status, StoreError};

use super::Queue;

impl Queue {
    /// Cancels a job of the owner; one that is painted stops after the step under way.
    pub async fn cancel(self: &Arc<Self>, owner: &Owner, id: &JobId) -> Result<Option<api::Job>, StoreError> {
        let (queue, owner, id) = (Arc::clone(self), owner.clone(), id.clone());
        run_to_completion(async move {
            let _open = queue.open.lock().await;
            let Some(before) = queue.store.find(&owner, &id).await? else { return Ok(None) };
            let Some(job) = queue.store.cancel(&owner, &id).await? else { return Ok(None) };
            if before.is_open() && job.status == Status::Cancelled {
                queue.metrics.ended(CANCELLED);
            }
            let job = queue.view(job);
            queue.stop(&id);
            queue.broadcaster.tell(&id, &Event::Job(job.clone()));
            queue.tell_places().await;
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
            let _open = queue.open.lock().await;
            if let Some(job) = job {
                if deleted && job.is_open() {
                    queue.metrics.ended(CANCELLED);
                }
                queue.stop(&id);
                let job = queue.view(Job { status: Status::Cancelled, ..job });
                queue.broadcaster.tell(&id, &Event::Job(job));
                queue.tell_places().await;
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
            let _open = self.open.lock().await;
            if self.store.give_up(&id).await? {
                tracing::info!(job = id.as_str(), "nobody looks at it any more: cancelled");
                self.metrics.ended(CANCELLED);
                self.stop(&id);
                if let Some(job) = self.store.job(&id).await? {
                    self.broadcaster.tell(&id, &Event::Job(self.view(job)));
                }
                self.tell_places().await;
            }
        }
        Ok(())
    }
}

/// How the measurements call it.
const CANCELLED: &str = "cancelled";

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
