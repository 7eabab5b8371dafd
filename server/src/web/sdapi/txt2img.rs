//! `POST /txt2img`: submits a generation and responds when it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::Failure;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jobs::{JobId, Owner, Status};
use request::{GenerationRequest, Scheduler, a1111_text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::samplers::{self, named};
use super::{SCRIPT, WebState, unsupported};
use crate::picture::{self, PARAMETERS_KEYWORD};
use crate::web::api::{ApiError, Json, Submitter, plain, submit_checked};
use crate::web::studio::{Queue, Updates};

/// The supported fields of the web UI's request; the rest is ignored or [refused](unsupported::refuse).
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    prompt: Option<String>,
    negative_prompt: Option<String>,
    seed: Option<i64>,
    steps: Option<i64>,
    cfg_scale: Option<f64>,
    width: Option<i64>,
    height: Option<i64>,
    batch_size: Option<i64>,
    n_iter: Option<i64>,
    sampler_name: Option<String>,
    sampler_index: Option<String>,
    scheduler: Option<String>,
    eta: Option<f64>,
    send_images: Option<bool>,
    #[serde(skip_serializing)]
    alwayson_scripts: Option<BTreeMap<String, Script>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Script {
    args: Vec<Value>,
}

/// `POST /txt2img`.
pub async fn paint(
    State(state): State<WebState>,
    Submitter(client): Submitter,
    Json(parameters): Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let (asked, parameters) = read(&state, parameters)?;
    let send_images = asked.send_images.unwrap_or(true);
    let batch_size = asked.batch_size.or(asked.n_iter.map(|_| 1));
    let submitter = Submitter(client.by_network(&state));
    let submitted = submit_checked(&state, &submitter, asked.translate()?, None).await;
    let (_, jobs::Job { id, .. }) = submitted.map_err(in_its_words)?;
    let Submitter(client) = submitter;

    let queue = Arc::clone(state.studio.queue());
    let mut waiting = Waiting(Some((Arc::clone(&queue), client.owner.clone(), id.clone())));
    let mut updates = Updates::watch(&queue, &client.owner, &id, 0).await?.ok_or(ApiError::NO_JOB)?;
    tokio::select! {
        () = async { while updates.next().await.is_some() {} } => {}
        // The job would wait for a server that has a model.
        why = state.studio.failure() => return Err(ApiError::NoModel(why)),
    }
    waiting.0 = None;

    let job = queue.store().find(&client.owner, &id).await?.ok_or(ApiError::NO_JOB)?;
    match &job.status {
        Status::Done | Status::Cancelled => {}
        Status::Failed { reason } => return Err(ApiError::Painting(reason.clone())),
        Status::Waiting { .. } | Status::Running => {
            // Nobody would fetch the result.
            queue.cancel(&client.owner, &id).await?;
            return Err(ApiError::Soon(
                "The server paints this no further, as when it is stopping; send this again in a moment.",
            ));
        }
    }
    let (mut images, mut texts) = (Vec::new(), Vec::new());
    for number in 0..job.pictures {
        let png = queue.store().picture(&job, number).await?.ok_or(ApiError::NO_JOB)?;
        let carried = picture::texts(&png).map_err(ApiError::Inside)?;
        let parameters = carried.into_iter().find(|(keyword, _)| keyword == PARAMETERS_KEYWORD);
        texts.extend(parameters.map(|(_, text)| text + &place(number, job.samples)));
        if send_images {
            images.push(STANDARD.encode(png));
        }
    }
    let prompt = a1111_text(&job.prompt);
    let info = json!({
        "all_prompts": vec![&prompt; texts.len()],
        "prompt": prompt,
        "seed": job.seed,
        // One seed serves the batch; the infotexts tell its pictures apart.
        "all_seeds": vec![job.seed; texts.len()],
        "width": job.width,
        "height": job.height,
        "steps": job.steps,
        "batch_size": batch_size.unwrap_or(job.samples.into()),
        "infotexts": texts,
        // The web UI shows this below the pictures.
        "comments": job.notes.join("\n"),
    });
    let answer = json!({ "images": images, "parameters": parameters, "info": info.to_string() });
    Ok((client.cookie, Json(answer)).into_response())
}

/// What is asked for, and the part of it that is echoed. Everything else is dropped here: as JSON values, 8 MiB of small arrays take
/// some 300 MB, and the request waits for as long as its job does.
fn read(state: &WebState, parameters: Map<String, Value>) -> Result<(Asked, Value), ApiError> {
    unsupported::refuse(&parameters)?;
    if let Some(settings) = unsupported::overrides(&parameters) {
        unsupported::refuse_other_model(state, settings, "override_settings.")?;
    }
    let mut asked: Asked = serde_path_to_error::deserialize(Value::Object(parameters))
        .map_err(|error| Failure::field(error.path().to_string(), plain(&error.inner().to_string())))?;
    let echo = json!(asked);
    for (field, text) in [("prompt", &mut asked.prompt), ("negative_prompt", &mut asked.negative_prompt)] {
        *text = text.take().map(|text| unsupported::plain_text(field, &text)).transpose()?;
    }
    Ok((asked, echo))
}

/// The position in a batch of one seed, as the web UI writes it.
fn place(number: u32, of: u32) -> String {
    if of > 1 { format!(", Batch size: {of}, Batch pos: {number}") } else { String::new() }
}

/// A generation that a request waits for; dropping it cancels the job.
struct Waiting(Option<(Arc<Queue>, Owner, JobId)>);

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some((queue, owner, id)) = self.0.take() else { return };
        tokio::spawn(async move {
            if let Err(error) = queue.cancel(&owner, &id).await {
                tracing::error!("{error}");
            }
        });
    }
}

impl Asked {
    /// Converts it to our own request.
    fn translate(self) -> Result<GenerationRequest, Failure> {
        let name = |name: Option<String>| name.filter(|name| !name.is_empty());
        let mut scheduler = None;
        let mut karras = None;
        if let Some(sampler) = name(self.sampler_name).or(name(self.sampler_index)) {
            let known = Scheduler::ALL.map(Scheduler::title).join(", ");
            let unknown = || Failure::field("sampler_name", format!("is {sampler}; this server has {known}"));
            let (found, old) = named(&sampler).ok_or_else(unknown)?;
            scheduler = Some(found);
            karras = old.then_some(true);
        }
        match name(self.scheduler).map(|name| name.to_lowercase()).as_deref() {
            None | Some("automatic") => {
                let chosen = scheduler.filter(|scheduler| scheduler.has_karras());
                karras = karras.or(chosen.map(samplers::is_karras_by_itself));
            }
            Some("karras") => karras = Some(true),
            Some("uniform") => karras = Some(false),
            Some(other) => {
                let found = format!("is {other}; this server has automatic, karras and uniform");
                return Err(Failure::field("scheduler", found));
            }
        }
        let eta = match scheduler {
            Some(Scheduler::EulerAncestral) if self.eta.is_some_and(|eta| eta != 1.0) => {
                return Err(Failure::field("eta", "is always 1 with this sampler"));
            }
            Some(scheduler) if scheduler.has_eta() => self.eta,
            _ => None,
        };
        let samples = match (self.batch_size, self.n_iter) {
            (None, None) => None,
            (size, count) => Some(size.unwrap_or(1).saturating_mul(count.unwrap_or(1))),
        };
        let layout = json!({ "runs": { "width": 8, "height": 8, "regions": 1, "runs": "64A" } });
        let fields = [
            ("layout", layout),
            ("regions", json!([{ "text": "" }])),
            ("prompt", json!(self.prompt)),
            ("negative_prompt", json!(self.negative_prompt)),
            ("seed", json!(self.seed)),
            ("steps", json!(self.steps)),
            ("guidance_scale", json!(self.cfg_scale)),
            ("width", json!(self.width)),
            ("height", json!(self.height)),
            ("samples", json!(samples)),
            ("scheduler", json!(scheduler)),
            ("karras", json!(karras)),
            ("eta", json!(eta)),
        ];
        let mut fields: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let is_plain = self
            .alwayson_scripts
            .iter()
            .flatten()
            .all(|(name, script)| !is_ours(name) || script.args.is_empty());
        if is_plain {
            // Without a layout, the plain model paints.
            fields.extend(["w_cross", "w_self"].map(|degree| (degree.to_owned(), json!(0.0))));
        }
        for (script, Script { args }) in self.alwayson_scripts.unwrap_or_default() {
            let field = format!("alwayson_scripts.{script}");
            let is_off = args.iter().all(unsupported::is_nothing);
            match args.into_iter().next() {
                // Clients send the scripts that they know also where these are switched off.
                _ if !is_ours(&script) && is_off => {}
                _ if !is_ours(&script) => return Err(Failure::field(field, "is not there")),
                Some(Value::Object(ours)) => fields.extend(unsupported::plain_texts(ours)?),
                Some(_) => return Err(Failure::field(field, "takes one object with layout and regions")),
                None => {}
            }
        }
        // Only our script's object can have fields of other types.
        serde_path_to_error::deserialize(Value::Object(fields))
            .map_err(|error| Failure::field(error.path().to_string(), plain(&error.inner().to_string())))
    }
}

/// Renames invalid fields to the client's names for them.
fn in_its_words(error: ApiError) -> ApiError {
    let ApiError::Invalid(Failure { fields, .. }) = error else { return error };
    let name = |field: String| match field.as_str() {
        "guidance_scale" => "cfg_scale".to_owned(),
        "samples" => "batch_size".to_owned(),
        _ => field,
    };
    Failure::fields(fields.into_iter().map(|(field, what)| (name(field), what)).collect()).into()
}

fn is_ours(script: &str) -> bool {
    script.to_lowercase().replace(['-', '_'], " ") == SCRIPT
}
