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
                let running = self.running();
                let known = running.as_ref().filter(|running| running.lease.job == job.id);
                let unknown = State::Running { step: 0, steps: job.steps, left: None };
                known.map_or(unknown, |running| running.state.clone())
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

    /// How long it is until a job ends, if it waits or runs, and if that can be told.
    fn left(&self, job: &Job) -> Option<Duration> {
        let running = self.running();
        match &job.status {
            Status::Waiting { ahead } => {
                let now =
                    running.as_ref().map_or(Some(Duration::ZERO), |running| running.left(self.pace()))?;
                let jobs = ahead + 1 - u32::from(running.is_some());
                Some(now + self.pace().time(job.before + job.work, jobs)?)
            }
            Status::Running => {
                running.as_ref().filter(|running| running.lease.job == job.id)?.left(self.pace())
            }
            Status::Done | Status::Failed { .. } | Status::Cancelled => None,
        }
    }
}
