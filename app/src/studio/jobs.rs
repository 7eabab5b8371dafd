//! Generations: started, followed, listed.

use std::collections::HashMap;

use api::{Failure, Job, JobId, State};
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::GenerationRequest;
use send_wrapper::SendWrapper;

use super::seen::{Beside, Seen};
use crate::client::storage::{self, BROWSER, TAB};
use crate::client::{self, Watch};

/// The client's jobs.
#[derive(Clone, Copy)]
pub struct Jobs {
    /// The job that is followed or was followed last.
    pub current: RwSignal<Option<Job>>,
    /// The latest preview of each of its samples, as a URL.
    pub previews: RwSignal<Vec<String>>,
    /// The text of the region that it repaints, if it is a repaint.
    pub repainted: RwSignal<Option<String>>,
    /// Is a request on its way to the server?
    pub sending: RwSignal<bool>,
    /// Is the stream of the followed job lost?
    pub lost: RwSignal<bool>,
    /// Why the last request was refused.
    pub failure: RwSignal<Option<Failure>>,
    /// All known jobs, newest first.
    pub known: RwSignal<Vec<Job>>,
    /// Are there older ones?
    pub more: RwSignal<bool>,
    /// The one whose pictures are shown.
    pub shown: RwSignal<Option<JobId>>,
    /// Notifies when the user asks for a job, so that its pictures are brought into view.
    pub asked: RwSignal<bool>,
    /// The job that was shown before.
    before: StoredValue<Option<JobId>>,
    /// Has the document changed since the last request was sent?
    pub(super) outdated: StoredValue<bool>,
    /// A cancelled job of which the server has not been told.
    unwanted: StoredValue<Option<JobId>>,
    /// The picture in the full-size viewer.
    pub seen: RwSignal<Option<Seen>>,
    /// Was the last job that was started the user's own rather than an example?
    pub(super) own: StoredValue<bool>,
    /// For a job, the one that painted the same without the layout; the browser keeps it between visits.
    pub plain: RwSignal<HashMap<JobId, JobId>>,
    // Only set in the browser.
    pub(super) watch: StoredValue<Option<SendWrapper<Watch>>>,
}

impl Jobs {
    /// No jobs known yet.
    pub fn new() -> Self {
        Self {
            current: RwSignal::new(None),
            previews: RwSignal::new(Vec::new()),
            repainted: RwSignal::new(None),
            sending: RwSignal::new(false),
            lost: RwSignal::new(false),
            failure: RwSignal::new(None),
            known: RwSignal::new(Vec::new()),
            more: RwSignal::new(false),
            shown: RwSignal::new(None),
            asked: RwSignal::new(false),
            before: StoredValue::new(None),
            outdated: StoredValue::new(false),
            unwanted: StoredValue::new(None),
            seen: RwSignal::new(None),
            own: StoredValue::new(false),
            plain: RwSignal::new(HashMap::new()),
            watch: StoredValue::new(None),
        }
    }

    /// Is a job waiting or running?
    pub fn is_busy(self) -> bool {
        self.current.with(|job| job.as_ref().is_some_and(|job| !job.state.is_final()))
    }

    /// As [`Jobs::is_busy`], untracked.
    pub fn is_busy_now(self) -> bool {
        untrack(|| self.is_busy())
    }

    /// Is this the job that is followed or was followed last?
    pub(super) fn is_current(self, id: &JobId) -> bool {
        self.current.with_untracked(|job| job.as_ref().is_some_and(|job| job.id == *id))
    }

    /// Finds a known job.
    pub fn find(self, id: &JobId) -> Option<Job> {
        self.known.with(|known| known.iter().find(|job| job.id == *id).cloned())
    }

    /// The job whose pictures are shown.
    pub fn shown_job(self) -> Option<Job> {
        self.find(&self.shown.get()?)
    }

    /// The problem with a field of the last request.
    pub fn wrong(self, field: &str) -> Option<String> {
        self.failure.with(|failure| {
            let fields = &failure.as_ref()?.fields;
            fields.iter().find(|(path, _)| path == field).map(|(_, what)| what.clone())
        })
    }

    /// Sends a request and follows the job.
    pub fn start(self, request: GenerationRequest) {
        spawn_local(async move {
            if let Some(job) = self.submit(&request).await {
                self.before.set_value(self.shown.get_untracked());
                self.show(job);
            }
        });
    }

    /// Shows a job that the user asked for.
    pub fn show(self, id: JobId) {
        self.shown.set(Some(id));
        self.asked.set(true);
    }

    /// Submits a request. One at a time: pressing again before the server has answered does nothing.
    pub(super) async fn submit(self, request: &GenerationRequest) -> Option<JobId> {
        if self.sending.get_untracked() {
            return None;
        }
        self.failure.set(None);
        self.outdated.set_value(false);
        self.sending.set(true);
        let sent = client::post::<Job>(&format!("{}/jobs", api::ROOT), request).await;
        self.sending.set(false);
        match sent {
            Ok(job) => {
                let id = job.id.clone();
                TAB.save(storage::JOB, &id.0);
                // The picture to repaint is shown until the first preview arrives.
                let inpaint = request.inpaint.as_ref();
                let image = inpaint.map(|inpaint| vec![inpaint.image.clone(); job.samples as usize]);
                self.previews.set(image.unwrap_or_default());
                let region =
                    inpaint.and_then(|inpaint| request.regions.get(*inpaint.regions.first()? as usize));
                self.repainted.set(region.map(|region| region.text.clone()));
                self.current.set(Some(job.clone()));
                self.learn(job);
                self.follow(id.clone());
                Some(id)
            }
            Err(failure) => {
                self.failure.set(Some(failure));
                None
            }
        }
    }

    /// Asks the server to cancel the current job; without an answer, again once it answers.
    pub fn cancel(self) {
        self.cancel_then(Box::new(|| ()));
    }

    /// The same, and does something once the job has ended by it.
    pub(super) fn cancel_then(self, then: Box<dyn FnOnce()>) {
        let Some(job) = self.current.get_untracked() else {
            return;
        };
        spawn_local(async move {
            match client::post_empty::<Job>(&format!("{}/cancel", client::job_path(&job.id))).await {
                Ok(job) => {
                    self.unwanted.set_value(None);
                    self.learn(job);
                    then();
                }
                Err(failure) => {
                    let is_silent = failure.message == client::SILENCE;
                    self.unwanted.set_value(is_silent.then_some(job.id));
                    self.failure.set(Some(failure));
                }
            }
        });
    }

    /// Deletes a job and its pictures.
    pub fn delete(self, id: JobId) {
        spawn_local(async move {
            match client::delete(&client::job_path(&id)).await {
                Ok(()) => self.forget(&id),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Forgets a job that no longer exists.
    pub(super) fn forget(self, id: &JobId) {
        BROWSER.forget(&storage::plain(id));
        self.known.update(|known| known.retain(|job| job.id != *id));
        if self.shown.with_untracked(|shown| shown.as_ref() == Some(id)) {
            self.shown.set(self.before());
        }
        if self.is_current(id) {
            self.current.set(None);
            self.next();
        }
    }

    /// The server answers: removes the failure that it does not.
    pub(super) fn answered(self) {
        self.lost.set(false);
        if untrack(|| self.is_silent()) {
            self.failure.set(None);
        }
    }

    /// Did the server not answer the last request?
    pub(super) fn is_silent(self) -> bool {
        self.failure.with(|failure| failure.as_ref().is_some_and(|it| it.message == client::SILENCE))
    }

    /// A job of this tab is done: after one of the user's own, the next visit hides the introduction; a plain
    /// picture opens beside its counterpart, if that is still shown and the user is idle.
    fn painted(self, job: &Job) {
        if self.own.get_value() && BROWSER.load(storage::WELCOMED).is_none() {
            BROWSER.save(storage::WELCOMED, storage::AWAY);
        }
        let Some(shown) = untrack(|| self.shown_job()) else { return };
        let beside = self.plain.with_untracked(|plain| plain.get(&shown.id) == Some(&job.id));
        if beside && client::is_idle() {
            self.seen.set(Some(Seen { job: shown, sample: 0, beside: Some(Beside::Plain) }));
        }
    }

    /// The job that was shown before, or else the latest with pictures.
    fn before(self) -> Option<JobId> {
        let before = self.before.get_value();
        self.known.with_untracked(|known| {
            let is_before = |job: &&Job| Some(&job.id) == before.as_ref();
            let found = known.iter().find(is_before).or_else(|| known.iter().find(|job| job.pictures > 0));
            found.map(|job| job.id.clone())
        })
    }

    /// A cancelled job without pictures has nothing to show: another comes back.
    fn show_before(self, cancelled: &Job) {
        let is_shown = self.shown.with_untracked(|shown| shown.as_ref() == Some(&cancelled.id));
        if let (true, 0, Some(before)) = (is_shown, cancelled.pictures, self.before()) {
            self.shown.set(Some(before));
        }
    }

    /// Updates a job wherever it is shown.
    pub(super) fn learn(self, job: Job) {
        let is_unwanted = self.unwanted.with_value(|unwanted| unwanted.as_ref() == Some(&job.id));
        let goes_on = is_unwanted && self.is_current(&job.id) && !job.state.is_final();
        self.lost.set(false);
        if job.state.is_final() {
            self.answered();
            // The outcome of another tab's job is reported there.
            match &job.state {
                _ if TAB.load(storage::JOB).as_ref() != Some(&job.id.0) => {}
                State::Failed { reason } => self.failure.set(Some(Failure::message(reason))),
                State::Done => self.painted(&job),
                State::Cancelled => self.show_before(&job),
                _ => {}
            }
        }
        self.known.update(|known| match known.iter_mut().find(|other| other.id == job.id) {
            Some(other) => *other = job.clone(),
            None => known.insert(0, job.clone()),
        });
        self.current.update(|current| {
            if current.as_ref().is_some_and(|other| other.id == job.id) {
                *current = Some(job);
            }
        });
        if goes_on {
            self.unwanted.set_value(None);
            self.cancel();
        }
    }
}
