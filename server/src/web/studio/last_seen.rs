//! When each job was last looked at.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jobs::{Job, JobId};
use parking_lot::Mutex;

/// When each open job was last looked at; kept in memory only, so that a restart counts as a look.
#[derive(Debug)]
pub struct LastSeen {
    /// How long a job may go unwatched; `None`: for ever, and nothing is recorded.
    grace: Option<Duration>,
    looks: Mutex<HashMap<JobId, Instant>>,
}

impl LastSeen {
    /// Creates an empty record.
    pub fn new(grace: Option<Duration>) -> Self {
        Self { grace, looks: Mutex::default() }
    }

    /// Is there a grace period?
    pub fn counts(&self) -> bool {
        self.grace.is_some()
    }

    /// Records that these jobs are being looked at now.
    pub fn note<'a>(&self, jobs: impl Iterator<Item = &'a Job>) {
        if !self.counts() {
            return;
        }
        let open = jobs.filter(|job| job.is_open());
        let now = Instant::now();
        self.looks.lock().extend(open.map(|job| (job.id.clone(), now)));
    }

    /// Returns the `open` jobs that nobody watches or has looked at for the grace; forgets all that are not
    /// open.
    pub fn forgotten(
        &self,
        open: Vec<JobId>,
        is_watched: impl Fn(&JobId) -> bool,
        now: Instant,
    ) -> Vec<JobId> {
        let Some(grace) = self.grace else { return Vec::new() };
        let mut looks = self.looks.lock();
        let before = std::mem::take(&mut *looks);
        let last = |id: &JobId| if is_watched(id) { now } else { before.get(id).copied().unwrap_or(now) };
        let kept = open.into_iter().map(|id| (last(&id), id));
        let (forgotten, kept): (Vec<_>, Vec<_>) =
            kept.partition(|(last, _)| now.saturating_duration_since(*last) >= grace);
        looks.extend(kept.into_iter().map(|(last, id)| (id, last)));
        forgotten.into_iter().map(|(_, id)| id).collect()
    }

    /// Counts the recorded jobs.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.looks.lock().len()
    }
}
