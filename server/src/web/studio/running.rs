//! A job that is painted now.

use std::time::{Duration, Instant};

use diffusion::CancelToken;
use jobs::Lease;

use super::pace::Pace;

/// What is known of it only while it is painted.
#[derive(Debug)]
pub(super) struct Running {
    pub lease: Lease,
    pub work: u64,
    pub cancel: CancelToken,
    /// Steps that are done.
    pub step: u32,
    /// How long the others take, once the first is done.
    pub steps_left: Option<Duration>,
    /// When the lease was renewed.
    pub renewed: Instant,
    /// The last look at its first picture, as PNG in base64.
    pub preview: Option<String>,
}

impl Running {
    /// How long it is until the job ends: its own steps so far say most.
    pub fn left(&self, pace: &Pace) -> Option<Duration> {
        match self.steps_left {
            Some(steps) => Some(steps + pace.time(0, 1).unwrap_or_default()),
            None => pace.time(self.work, 1),
        }
    }
}
