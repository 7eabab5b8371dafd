//! The lease on the job that is painted, and those that have run out.

use std::time::Instant;

use api::Event;
use jobs::{Lease, Status, StoreError};

use super::Queue;

/// How often a lease is renewed while it lasts: not with every step, since that is written down.
const RENEWALS: u32 = 4;

impl Queue {
    /// Is a good part of the running job's lease over?
    pub fn is_renewal_due(&self) -> bool {
        let (Some(lease), running) = (self.terms.lease, self.running()) else { return false };
        running.as_ref().is_some_and(|running| running.renewed.elapsed() >= lease / RENEWALS)
    }

    /// Lets the running job's lease begin anew `now`; a job that has lost it is painted no further.
    pub async fn renew(&self, lease: &Lease, now: i64) -> Result<(), StoreError> {
        if self.store.renew(lease, self.terms, now).await? {
            if let Some(running) = self.running().as_mut().filter(|running| running.lease == *lease) {
                running.renewed = Instant::now();
            }
        } else {
            self.stop(&lease.job);
        }
        Ok(())
    }

    /// Takes jobs up again whose lease has run out by `now`, as [`jobs::Store::take_up`] does; true if the one that is painted
    /// here is among them.
    pub async fn take_up(&self, now: i64) -> Result<bool, StoreError> {
        let _open = self.open.lock().await;
        let lost = match self.terms.lease {
            Some(_) => self.store.take_up(now).await?,
            None => return Ok(false),
        };
        let mut is_painted = false;
        for id in &lost {
            tracing::error!(job = id.as_str(), "its lease has run out");
            if self.is_painted(id) {
                is_painted = true;
                self.stop(id);
                *self.running() = None;
            }
            if let Some(job) = self.store.job(id).await? {
                if let Status::Failed { .. } = job.status {
                    self.metrics.ended("failed");
                }
                self.hub.tell(id, &Event::Job(self.view(job)));
            }
        }
        if !lost.is_empty() {
            self.tell_places().await?;
        }
        Ok(is_painted)
    }
}
