//! Progress and interruption of a client's generations.

use api::State as JobState;
use axum::Json;
use axum::extract::State;
use jobs::{Job, Status};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Program, WebState};
use crate::web::api::{ApiError, Client, Query};

/// Only the newest jobs are checked: unless the host is generous, a client has fewer open ones.
const NEWEST: u32 = 100;

/// The query.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default, deserialize_with = "boolean")]
    skip_current_image: bool,
}

/// As the web UI reads one: Python's clients write `True`.
fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
        "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
        _ => Err(D::Error::custom(format!("is {text:?}, not true or false"))),
    }
}

/// `GET /progress`: of the running generation, or else the one that has waited longest.
pub async fn read(
    State(state): State<WebState>,
    Program(client): Program,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, ApiError> {
    let (queue, open) = (state.studio.queue(), open(&state, &client).await?);
    let job = open.iter().find(|job| job.status == Status::Running).or(open.last());
    let preview = job.filter(|_| !wanted.skip_current_image).and_then(|job| queue.preview(&job.id));
    let view = job.map(|job| queue.view(job.clone()));
    let (step, steps) = match view.as_ref().map(|view| &view.state) {
        Some(JobState::Running { step, steps }) => (*step, *steps),
        _ => (0, 0),
    };
    let left = view.and_then(|view| view.left).unwrap_or_default();
    Ok(Json(json!({
        "progress": f64::from(step) / f64::from(steps.max(1)),
        "eta_relative": left as f64 / 1000.0,
        "state": {
            "skipped": false,
            "interrupted": false,
            "job": job.map_or("", |job| job.id.as_str()),
            "job_count": open.len(),
            "job_no": 0,
            "sampling_step": step,
            "sampling_steps": steps,
        },
        "current_image": preview,
        "textinfo": null,
    })))
}

/// `POST /interrupt`: cancels the client's generations.
pub async fn interrupt(
    State(state): State<WebState>,
    Program(client): Program,
) -> Result<Json<Value>, ApiError> {
    for job in open(&state, &client).await? {
        state.studio.queue().cancel(&client.owner, &job.id).await?;
    }
    Ok(Json(json!({})))
}

/// Returns the client's open generations, newest first.
async fn open(state: &WebState, client: &Client) -> Result<Vec<Job>, ApiError> {
    let page = state.studio.queue().page(&client.owner, None, NEWEST).await?;
    let jobs = page.map(|page| page.jobs).unwrap_or_default();
    Ok(jobs.into_iter().filter(Job::is_open).collect())
}
