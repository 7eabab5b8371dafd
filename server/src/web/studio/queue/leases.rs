//! The leases on the jobs that are painted, and those that have run out.

use std::mem;
use std::time::Instant;

use api::Event;
use jobs::{JobId, Lease, Status, StoreError};

use super::Queue;

/// How often a lease is renewed while it lasts: not with every step, since that is written down.
const RENEWALS: u32 = 4;

impl Queue {
    /// Is a good part of a running job's lease over?
    pub fn is_renewal_due(&self, id: &JobId) -> bool {
        let Some(lease) = self.terms.lease else { return false };
        self.of_running(id, |running| running.renewed.elapsed() >= lease / RENEWALS).unwrap_or(false)
    }

    /// Lets a running job's lease begin anew `now`; a job that has lost it is painted no further.
    pub async fn renew(&self, lease: &Lease, now: i64) -> Result<(), StoreError> {
        if self.store.renew(lease, self.terms, now).await? {
            self.of_running(&lease.job, |running| running.renewed = Instant::now());
        } else {
            self.stop(&lease.job);
        }
        Ok(())
    }

    /// Takes jobs up again whose lease has run out by `now`, as [`jobs::Store::take_up`] does; true if one that is painted here is
    /// among them.
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
                self.running().retain(|running| running.lease.job != *id);
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

    /// After the store failed nobody knows what it holds: what counts as running waits again, and is painted no further.
    ///
    /// # Errors
    /// A store that still fails.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let _open = self.open.lock().await;
        self.store.recover().await?;
        mem::take(&mut *self.running()).iter().for_each(|running| running.cancel.cancel());
        self.tell_places().await
    }
}
