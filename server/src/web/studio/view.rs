//! A job as its client sees it.

use std::time::Duration;

use api::State;
use jobs::{Job, Status};

use super::queue::Queue;

impl Queue {
    /// A job as its client sees it.
    pub fn view(&self, job: Job) -> api::Job {
        let left = self.left(&job).map(|left| left.as_millis() as u64);
        let state = match job.status {
            Status::Waiting { ahead } => State::Waiting { ahead },
            Status::Running => {
                let step = self.of_running(&job.id, |running| running.step).unwrap_or_default();
                State::Running { step, steps: job.steps }
            }
            Status::Done => State::Done,
            Status::Failed { reason } => State::Failed { reason },
            Status::Cancelled => State::Cancelled,
        };
        api::Job {
            id: api::JobId(job.id.as_str().to_owned()),
            share: (state == State::Done).then(|| job.share.as_str().to_owned()),
            state,
            prompt: job.prompt,
            seed: job.seed,
            width: job.width,
            height: job.height,
            samples: job.samples,
            pictures: job.pictures,
            notes: job.notes,
            created: job.created,
            ended: job.ended,
            left,
        }
    }

    /// Estimates the time until an open job ends, if known.
    fn left(&self, job: &Job) -> Option<Duration> {
        let pace = self.pace();
        match &job.status {
            Status::Waiting { ahead } => {
                let left: Option<Vec<_>> =
                    self.running.lock().iter().map(|running| running.left(pace)).collect();
                let left = left?;
                let before = ahead.saturating_sub(left.len() as u32);
                // Assumes the current concurrency; the first to end makes room.
                let first = left.iter().min().copied().unwrap_or_default();
                let others = pace.time(job.before, before)? / left.len().max(1) as u32;
                Some(first + others + pace.time(job.work, 1)?)
            }
            Status::Running => self.of_running(&job.id, |running| running.left(pace))?,
            Status::Done | Status::Failed { .. } | Status::Cancelled => None,
        }
    }
}
