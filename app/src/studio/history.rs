//! The client's earlier generations, page by page.

use std::collections::HashMap;

use api::{Job, JobId, JobPage};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Jobs;
use crate::client;
use crate::client::storage::{self, BROWSER};

/// Jobs per page.
const PAGE: usize = 12;

impl Jobs {
    /// Resumes what was running when the page was left, and loads the newest page of the history.
    pub fn resume(self) {
        spawn_local(async move {
            // A job started meanwhile is followed already.
            if !self.load_older().await || self.current.with_untracked(Option::is_some) {
                return;
            }
            let last = BROWSER.load(storage::JOB).map(JobId);
            let known = self.known.get_untracked();
            let latest = || known.iter().find(|job| Some(&job.id) == last.as_ref()).cloned();
            if let Some(job) = self.oldest_unfinished().or_else(latest) {
                self.current.set(Some(job.clone()));
                // A plain picture is shown through the one that it is compared with.
                let beside = |plain: &HashMap<JobId, JobId>| {
                    plain.iter().find(|(_, plain)| **plain == job.id).map(|(own, _)| own.clone())
                };
                let shown = self.plain.with_untracked(beside).unwrap_or_else(|| job.id.clone());
                self.shown.set(Some(shown));
                if !job.state.is_final() {
                    self.follow(job.id.clone());
                }
            }
        });
    }

    /// Loads the next page of the history.
    pub fn load_more(self) {
        spawn_local(async move {
            self.load_older().await;
        });
    }

    async fn load_older(self) -> bool {
        let page = loop {
            let last = self.known.with_untracked(|known| known.last().map(|job| job.id.clone()));
            // The first page includes all unfinished jobs.
            let part =
                last.as_ref().map_or_else(|| "unfinished=true".to_owned(), |id| format!("before={}", id.0));
            match client::find::<JobPage>(&format!("{}/jobs?limit={PAGE}&{part}", api::ROOT)).await {
                Ok(Some(page)) => break page,
                // Another tab has deleted the last one; the one before it serves as well as a cursor.
                Ok(None) => match last {
                    Some(gone) => self.forget(&gone),
                    None => return false,
                },
                Err(failure) => {
                    self.failure.set(Some(failure));
                    return false;
                }
            }
        };
        self.more.set(page.more);
        // A plain picture is newer than its counterpart, so it is known by now.
        self.plain.update(|plain| {
            let kept = |job: &Job| Some((job.id.clone(), JobId(BROWSER.load(&storage::plain(&job.id))?)));
            plain.extend(page.jobs.iter().filter_map(kept));
        });
        self.known.update(|known| {
            for job in page.jobs {
                if !known.iter().any(|other| other.id == job.id) {
                    known.push(job);
                }
            }
        });
        true
    }
}
