//! One watcher of one job.

use std::collections::VecDeque;
use std::sync::Arc;

use api::Event;
use jobs::{JobId, Owner, StoreError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::broadcaster::{SentEvent, Subscription};
use super::queue::Queue;

/// A job's updates: its state and previews unless already seen, then every event until it is final.
#[derive(Debug)]
pub struct Updates {
    queue: Arc<Queue>,
    owner: Owner,
    id: JobId,
    /// Id of the last event seen.
    seen: u64,
    /// Sent before anything received.
    first: VecDeque<SentEvent>,
    receiver: broadcast::Receiver<SentEvent>,
    ended: bool,
}

impl Updates {
    /// Watches a job after event `seen`. `None` if the owner has no such job (any more).
    pub async fn watch(
        queue: &Arc<Queue>,
        owner: &Owner,
        id: &JobId,
        seen: u64,
    ) -> Result<Option<Self>, StoreError> {
        // Check the owner before keeping anything in memory.
        if queue.store().find(owner, id).await?.is_none() {
            return Ok(None);
        }
        Self::new(Arc::clone(queue), owner.clone(), id.clone(), seen).await
    }

    async fn new(queue: Arc<Queue>, owner: Owner, id: JobId, seen: u64) -> Result<Option<Self>, StoreError> {
        let Subscription { snapshot_id, known, previews, receiver } = queue.broadcaster.subscribe(&id, seen);
        let Some(job) = queue.find(&owner, &id).await? else { return Ok(None) };
        // A final state is repeated to anyone who still asks.
        let is_news = job.state.is_final() || known.as_ref() != Some(&job);
        let now = is_news.then(|| SentEvent::new(snapshot_id, &Event::Job(job)));
        let first = now.into_iter().chain(previews).collect();
        Ok(Some(Self { queue, owner, id, seen, first, receiver, ended: false }))
    }

    /// The next event; `None` after a final state, or when the server stops.
    pub async fn next(&mut self) -> Option<SentEvent> {
        if self.ended {
            return None;
        }
        while self.first.is_empty() {
            match self.receiver.recv().await {
                Ok(told) => self.first.push_back(told),
                Err(RecvError::Closed) => return None,
                // Lagging: the current state covers all that was missed. A deleted job has none; then its end
                // is still in the channel.
                Err(RecvError::Lagged(_)) => {
                    let (queue, owner, id) = (self.queue.clone(), self.owner.clone(), self.id.clone());
                    if let Some(anew) = Self::new(queue, owner, id, self.seen).await.ok()? {
                        *self = anew;
                    }
                }
            }
        }
        let told = self.first.pop_front()?;
        self.seen = told.id;
        self.ended = told.is_last;
        Some(told)
    }
}
