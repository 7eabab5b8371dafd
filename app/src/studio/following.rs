//! Follows generations, one after the other, while they are painted.

use std::time::Duration;

use api::{Event, Failure, Job, JobId, Preview};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;

use super::Jobs;
use crate::client;
use crate::client::storage::{self, BROWSER};

/// The delay before a lost stream is opened again.
const AGAIN: Duration = Duration::from_secs(2);

impl Jobs {
    /// Follows the events of a job, until it ends or another is followed.
    pub(super) fn follow(self, id: JobId) {
        BROWSER.save(storage::JOB, &id.0);
        let again = id.clone();
        let lost = move |given_up| {
            // The stream also ends with its job.
            self.lost.set(self.is_busy_now());
            if given_up {
                let id = again.clone();
                set_timeout(move || self.ask_again(id), AGAIN);
            }
        };
        let watch = client::watch(&id, move |event| self.take(event), lost);
        self.watch.set_value(watch.map(SendWrapper::new));
    }

    /// The stream was lost: asks whether the job goes on.
    fn ask_again(self, id: JobId) {
        // Meanwhile it may have been cancelled or another one started; checked again after the answer.
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
                Err(_) => {} // No answer: tried again later.
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
                    // Not from within the stream's own callback.
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

    /// Goes on after a job is over: to the oldest unfinished one that another tab started, or that was
    /// waiting when the page was left.
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

    /// Of all known jobs, the unfinished one that is painted first.
    pub(super) fn oldest_unfinished(self) -> Option<Job> {
        self.known.with_untracked(|known| known.iter().rfind(|job| !job.state.is_final()).cloned())
    }
}
