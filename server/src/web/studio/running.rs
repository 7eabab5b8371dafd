//! A job that is painted now.

use std::time::{Duration, Instant};

use api::State;
use diffusion::CancelToken;
use jobs::Lease;

use super::pace::Pace;

/// What is known of it only while it is painted.
#[derive(Debug)]
pub(super) struct Running {
    pub lease: Lease,
    pub work: u64,
    pub cancel: CancelToken,
    pub state: State,
    /// When the lease was renewed.
    pub renewed: Instant,
    /// The last look at its first picture, as PNG in base64.
    pub preview: Option<String>,
}

impl Running {
    /// How long it is until the job ends: its own steps so far say most.
    pub fn left(&self, pace: &Pace) -> Option<Duration> {
        match self.state {
            State::Running { left: Some(left), .. } => {
                Some(Duration::from_millis(left) + pace.time(0, 1).unwrap_or_default())
            }
            _ => pace.time(self.work, 1),
        }
    }
}
