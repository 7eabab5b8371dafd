//! A running job.

use std::time::{Duration, Instant};

use diffusion::CancelToken;
use jobs::Lease;

use super::pace::Pace;

/// Transient state of a running job.
#[derive(Debug)]
pub(super) struct Running {
    pub lease: Lease,
    pub work: u64,
    pub cancel: CancelToken,
    /// Completed steps.
    pub step: u32,
    /// Time for the remaining steps, known after the first.
    pub steps_left: Option<Duration>,
    /// When the lease was last renewed.
    pub renewed: Instant,
    /// The last preview of its first picture, as base64 PNG.
    pub preview: Option<String>,
}

impl Running {
    /// Estimates the time until the job ends, by its own steps if possible.
    pub fn left(&self, pace: &Pace) -> Option<Duration> {
        match self.steps_left {
            Some(steps) => Some(steps + pace.time(0, 1).unwrap_or_default()),
            None => pace.time(self.work, 1),
        }
    }
}
