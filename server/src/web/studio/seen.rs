//! When somebody last looked at a job.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jobs::{Job, JobId, Status};

/// The jobs that wait or run, and when somebody last looked at each; kept in memory alone, so that a restart counts as a
/// look.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<JobId, Instant>>);

impl Seen {
    /// Somebody looks at these jobs now.
    pub fn note<'a>(&self, jobs: impl Iterator<Item = &'a Job>) {
        let open = jobs.filter(|job| matches!(job.status, Status::Waiting { .. } | Status::Running));
        let now = Instant::now();
        self.lock().extend(open.map(|job| (job.id.clone(), now)));
    }

    /// Those of the `open` jobs that nobody watches nor has looked at for `grace`; the others are forgotten.
    pub fn forgotten(
        &self,
        open: Vec<JobId>,
        is_watched: impl Fn(&JobId) -> bool,
        grace: Duration,
        now: Instant,
    ) -> Vec<JobId> {
        let mut seen = self.lock();
        let before = std::mem::take(&mut *seen);
        let last = |id: &JobId| if is_watched(id) { now } else { before.get(id).copied().unwrap_or(now) };
        let kept = open.into_iter().map(|id| (last(&id), id));
        let (forgotten, kept): (Vec<_>, Vec<_>) =
            kept.partition(|(last, _)| now.saturating_duration_since(*last) >= grace);
        seen.extend(kept.into_iter().map(|(last, id)| (id, last)));
        forgotten.into_iter().map(|(_, id)| id).collect()
    }

    /// A panic between two statements leaves nothing half-done in here.
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
