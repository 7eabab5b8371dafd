//! What pictures are compared with: those of the plain model, or those before a repaint.

use api::Job;
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::{GenerationRequest, RegionRequest};

use super::Jobs;
use super::seen::{Beside, Seen};
use crate::client;
use crate::client::storage::{self, BROWSER};

impl Jobs {
    /// Shows a repaint beside the picture before it. Of any other job, paints the request again without the
    /// layout; until then the view stays.
    pub fn compare(self, job: Job) {
        spawn_local(async move {
            let path = format!("{}/request", client::job_path(&job.id));
            match client::get::<GenerationRequest>(&path).await {
                Ok(GenerationRequest { inpaint: Some(before), .. }) => {
                    self.seen.set(Some(Seen { job, sample: 0, beside: Some(Beside::Before(before.image)) }));
                }
                Ok(mut request) => {
                    // As the plain model: no map is modulated, and no phrase belongs to a region.
                    request.w_cross = Some(0.0);
                    request.w_self = Some(0.0);
                    let texts = request.regions.iter().map(|region| region.text.as_str());
                    request.prompt.get_or_insert_with(|| request::joined(texts));
                    request.regions.iter_mut().for_each(|region| *region = RegionRequest::default());
                    if let Some(plain) = self.submit(&request).await {
                        BROWSER.save(&storage::plain(&job.id), &plain.0);
                        self.plain.update(|known| drop(known.insert(job.id, plain)));
                    }
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}
