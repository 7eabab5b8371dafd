//! When somebody last looked at a job.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jobs::{Job, JobId};
use parking_lot::Mutex;

/// The jobs that wait or run, and when somebody last looked at each; kept in memory alone, so that a restart counts as a
/// look.
#[derive(Debug)]
pub struct LastSeen {
    /// How long a job may go without anybody looking at it; `None`: for ever, and nothing is noted.
    grace: Option<Duration>,
    looks: Mutex<HashMap<JobId, Instant>>,
}

impl LastSeen {
    /// Nobody has looked at anything yet.
    pub fn new(grace: Option<Duration>) -> Self {
        Self { grace, looks: Mutex::default() }
    }

    /// Does it matter who looks?
    pub fn counts(&self) -> bool {
        self.grace.is_some()
    }

    /// Somebody looks at these jobs now.
    pub fn note<'a>(&self, jobs: impl Iterator<Item = &'a Job>) {
        if !self.counts() {
            return;
        }
        let open = jobs.filter(|job| job.is_open());
        let now = Instant::now();
        self.looks.lock().extend(open.map(|job| (job.id.clone(), now)));
    }

    /// Those of the `open` jobs that nobody watches nor has looked at for the grace; what is not open is forgotten.
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

    /// How many jobs are noted.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.looks.lock().len()
    }
}
