//! One watcher of one job.

use std::sync::Arc;

use api::Event;
use jobs::{JobId, Owner, StoreError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::hub::Told;
use super::queue::Queue;

/// What happens to a job: its current state, then every event until it is final.
#[derive(Debug)]
pub struct Updates {
    queue: Arc<Queue>,
    owner: Owner,
    id: JobId,
    /// Told before anything that is received.
    now: Option<Told>,
    receiver: broadcast::Receiver<Told>,
    ended: bool,
}

impl Updates {
    /// `None` if the owner has no such job (any more).
    pub async fn new(queue: Arc<Queue>, owner: Owner, id: JobId) -> Result<Option<Self>, StoreError> {
        let (number, receiver) = queue.hub().subscribe(&id);
        let Some(job) = queue.find(&owner, &id).await? else { return Ok(None) };
        let now = Some(Told::new(number, &Event::Job(job)));
        Ok(Some(Self { queue, owner, id, now, receiver, ended: false }))
    }

    /// The next event; `None` after a final state, or when the server stops.
    pub async fn next(&mut self) -> Option<Told> {
        if self.ended {
            return None;
        }
        while self.now.is_none() {
            match self.receiver.recv().await {
                Ok(told) => self.now = Some(told),
                Err(RecvError::Closed) => return None,
                // Too far behind: the current state says all that was missed. Of a job that was deleted there is none;
                // then what is still to be received tells its end.
                Err(RecvError::Lagged(_)) => {
                    let anew = Self::new(self.queue.clone(), self.owner.clone(), self.id.clone()).await;
                    if let Some(anew) = anew.ok()? {
                        *self = anew;
                    }
                }
            }
        }
        let told = self.now.take()?;
        self.ended = told.is_last;
        Some(told)
    }
}
