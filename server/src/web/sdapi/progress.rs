//! How far a client's generation is, and its end.

use api::{Job, State as JobState};
use axum::Json;
use axum::extract::State;
use jobs::JobId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::WebState;
use crate::web::api::{ApiError, Client, Query};

/// A client has not more open ones than this, or the host is generous: the newest are looked at.
const NEWEST: u32 = 100;

/// What is wanted of it.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    skip_current_image: bool,
}

/// `GET /progress`: of the generation that is painted, or waits for it longest.
pub async fn read(
    State(state): State<WebState>,
    client: Client,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, ApiError> {
    let open = open(&state, &client).await?;
    let is_running = |job: &&Job| matches!(job.state, JobState::Running { .. });
    let job = open.iter().find(is_running).or(open.last());
    let (step, steps) = match job.map(|job| &job.state) {
        Some(JobState::Running { step, steps, .. }) => (*step, *steps),
        _ => (0, 0),
    };
    let left = job.and_then(|job| job.left).unwrap_or_default();
    let id = job.and_then(|job| JobId::parse(&job.id.0)).filter(|_| !wanted.skip_current_image);
    let preview = id.and_then(|id| state.studio.queue().preview(&id));
    Ok(Json(json!({
        "progress": f64::from(step) / f64::from(steps.max(1)),
        "eta_relative": left as f64 / 1000.0,
        "state": {
            "skipped": false,
            "interrupted": false,
            "job": job.map_or("", |job| &job.id.0),
            "job_count": open.len(),
            "job_no": 0,
            "sampling_step": step,
            "sampling_steps": steps,
        },
        "current_image": preview,
        "textinfo": null,
    })))
}

/// `POST /interrupt`: the client's generations end.
pub async fn interrupt(State(state): State<WebState>, client: Client) -> Result<Json<Value>, ApiError> {
    for job in open(&state, &client).await? {
        if let Some(id) = JobId::parse(&job.id.0) {
            state.studio.queue().cancel(&client.owner, &id).await?;
        }
    }
    Ok(Json(json!({})))
}

/// The client's generations that wait or are painted, newest first.
async fn open(state: &WebState, client: &Client) -> Result<Vec<Job>, ApiError> {
    let page = state.studio.queue().page(&client.owner, None, NEWEST).await?;
    let jobs = page.map(|page| page.jobs).unwrap_or_default();
    Ok(jobs.into_iter().filter(|job| !job.state.is_final()).collect())
}
