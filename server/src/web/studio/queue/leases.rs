//! Leases on running jobs, and their expiry.

use std::time::Instant;

use api::Event;
use jobs::{JobId, Lease, MAX_ATTEMPTS, Status, StoreError};

use super::{Queue, Turn};

/// Renewals per lease period: not one per step, since each is a database write.
const RENEWALS: u32 = 4;

impl Queue {
    /// Has a quarter of the lease period passed since the last renewal?
    pub fn is_renewal_due(&self, id: &JobId) -> bool {
        let Some(lease) = self.claim_limits.lease else { return false };
        self.of_running(id, |running| running.renewed.elapsed() >= lease / RENEWALS).unwrap_or(false)
    }

    /// Renews a running job's lease from `now`; a job that has lost it is stopped.
    pub async fn renew(&self, lease: &Lease, now: i64) -> Result<(), StoreError> {
        if self.store.renew(lease, self.claim_limits, now).await? {
            self.of_running(&lease.job, |running| running.renewed = Instant::now());
        } else {
            self.stop(&lease.job);
        }
        Ok(())
    }

    /// Requeues jobs whose lease expired by `now`, as [`jobs::Store::requeue`] does; true if one of them is
    /// painted here.
    pub async fn take_up(&self, now: i64) -> Result<bool, StoreError> {
        let turn = self.turn().await;
        let lost = match self.claim_limits.lease {
            Some(_) => self.store.requeue(Some(now), &[]).await?,
            None => return Ok(false),
        };
        let mut is_painted = false;
        for id in &lost {
            tracing::error!(job = id.as_str(), "its lease has run out");
            is_painted |= self.drop_running(id);
        }
        self.tell_taken_up(&lost, &turn).await;
        Ok(is_painted)
    }

    /// Requeues jobs that are stored as running but painted by nobody; the others go on.
    ///
    /// # Errors
    /// The store still fails.
    pub async fn recover(&self) -> Result<(), StoreError> {
        // Claims hold this too: no job is claimed but not yet in `running`.
        let turn = self.turn().await;
        let held: Vec<Lease> = self.running.lock().iter().map(|running| running.lease.clone()).collect();
        let lost = self.store.requeue(None, &held).await?;
        self.tell_taken_up(&lost, &turn).await;
        Ok(())
    }

    /// Stops painting a job, whatever its stored state; true if it was being painted.
    pub fn drop_running(&self, id: &JobId) -> bool {
        self.stop(id);
        let mut running = self.running.lock();
        let before = running.len();
        running.retain(|running| running.lease.job != *id);
        running.len() < before
    }

    /// Logs and counts requeued or failed jobs, and notifies their watchers.
    async fn tell_taken_up(&self, lost: &[JobId], turn: &Turn<'_>) {
        for id in lost {
            let Some(job) = self.look_up(id).await else { continue };
            if let Status::Failed { .. } = job.status {
                self.metrics.ended("failed");
                tracing::warn!(job = id.as_str(), "begun {MAX_ATTEMPTS} times without an end: it failed");
            } else {
                tracing::warn!(job = id.as_str(), "begun without an end: it waits again");
            }
            self.broadcaster.tell(id, &Event::Job(self.view(job)));
        }
        if !lost.is_empty() {
            self.tell_places(turn).await;
        }
    }
}
