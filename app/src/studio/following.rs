//! One generation after the other is followed while it is painted.

use std::time::Duration;

use api::{Event, Failure, Job, JobId, Preview};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;

use super::Jobs;
use crate::client;
use crate::client::storage::{self, BROWSER};

/// How long a lost stream rests before it is asked for again.
const AGAIN: Duration = Duration::from_secs(2);

impl Jobs {
    /// Takes what the server tells of a job, until it ends or another is followed.
    pub(super) fn follow(self, id: JobId) {
        BROWSER.save(storage::JOB, &id.0);
        let again = id.clone();
        let lost = move |given_up| {
            // A stream ends with its job, too.
            self.lost.set(self.is_busy_now());
            if given_up {
                let id = again.clone();
                set_timeout(move || self.ask_again(id), AGAIN);
            }
        };
        let watch = client::watch(&id, move |event| self.take(event), lost);
        self.watch.set_value(watch.map(SendWrapper::new));
    }

    /// The stream was lost: does the job go on?
    fn ask_again(self, id: JobId) {
        // It may have been cancelled, and another begun; before the server has answered, too.
        if !self.is_current(&id) || !self.is_busy_now() {
            return;
        }
        spawn_local(async move {
            match client::find::<Job>(&client::job_path(&id)).await {
                Ok(None) => {
                    self.forget(&id);
                    let gone = "The server does not have this generation any more; generate it again";
                    return self.failure.set(Some(Failure::message(gone)));
                }
                Ok(Some(job)) => self.learn(job),
                Err(_) => {} // It does not answer: later, then.
            }
            if self.is_current(&id) {
                self.follow(id);
            }
        });
    }

    fn take(self, event: Event) {
        match event {
            Event::Job(job) => {
                let done = job.state.is_final();
                self.learn(job);
                if done {
                    // Not from within the stream's own call.
                    set_timeout(move || self.next(), Duration::ZERO);
                }
            }
            Event::Preview(Preview { sample, png, .. }) => self.previews.update(|previews| {
                let sample = sample as usize;
                if previews.len() <= sample {
                    previews.resize(sample + 1, String::new());
                }
                previews[sample] = format!("data:image/png;base64,{png}");
            }),
        }
    }

    /// What was followed is over. Of those that other tabs began, or that waited when the page was left, the oldest comes
    /// next.
    pub(super) fn next(self) {
        if self.is_busy_now() {
            return;
        }
        self.watch.set_value(None);
        if let Some(job) = self.oldest_unfinished() {
            self.previews.set(Vec::new());
            self.repainted.set(None);
            self.follow(job.id.clone());
            self.current.set(Some(job));
        }
    }

    /// Of all jobs that are known, the one that is painted first.
    pub(super) fn oldest_unfinished(self) -> Option<Job> {
        self.known.with_untracked(|known| known.iter().rfind(|job| !job.state.is_final()).cloned())
    }
}
