//! Pictures of the plain model, for comparison.

use api::JobId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::{GenerationRequest, RegionRequest};

use super::Jobs;
use crate::client;
use crate::client::storage::{BROWSER, PLAIN};

impl Jobs {
    /// Paints a job's request again without the layout, for comparison; what is shown stays.
    pub fn start_plain(self, job: JobId) {
        spawn_local(async move {
            let path = format!("{}/request", client::job_path(&job));
            match client::get::<GenerationRequest>(&path).await {
                Ok(mut request) => {
                    // As the plain model: no map is modulated, and no phrase belongs to a region.
                    request.w_cross = Some(0.0);
                    request.w_self = Some(0.0);
                    let texts = request.regions.iter().map(|region| region.text.as_str());
                    request.prompt.get_or_insert_with(|| request::joined(texts));
                    request.regions.iter_mut().for_each(|region| *region = RegionRequest::default());
                    if let Some(plain) = self.submit(&request).await {
                        BROWSER.save(&key(&job), &plain.0);
                        self.plain.update(|known| drop(known.insert(job, plain)));
                    }
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// Where the browser keeps which job painted another's request without the layout.
pub(super) fn key(job: &JobId) -> String {
    format!("{PLAIN}{}", job.0)
}
