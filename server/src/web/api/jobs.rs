//! `/jobs`: a client's own generations.

use api::{Job, JobPage};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jobs::{JobId, Submission};
use request::GenerationRequest;
use serde::Deserialize;

use super::client::Client;
use super::error::ApiError;
use super::json::{Json, Query};
use crate::web::WebState;
use crate::web::studio::Engine;

/// Which part of a history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Older than this job; the newest of all without it.
    before: Option<String>,
    /// How many at most.
    limit: Option<u32>,
}

const PAGE: u32 = 20;
const LONGEST_PAGE: u32 = 100;

/// `POST /jobs`.
pub async fn submit(
    State(state): State<WebState>,
    client: Client,
    Json(request): Json<GenerationRequest>,
) -> Result<Response, ApiError> {
    if let Engine::Failed(why) = state.studio.engine() {
        return Err(ApiError::NoModel(why));
    }
    let checked = {
        let state = state.clone();
        // Pictures of layouts are decoded here.
        tokio::task::spawn_blocking(move || state.studio.check(request)).await
    };
    let new = checked.map_err(|error| ApiError::Inside(error.into()))??;
    let (queue, room) = (state.studio.queue(), state.studio.room());
    let job = match queue.submit(&client.owner, &new, room).await? {
        Submission::Taken(job) => queue.view(job),
        Submission::OwnerFull => {
            return Err(ApiError::TooManyJobs { most: room.owner, room_in: queue.room_in() });
        }
        Submission::QueueFull => return Err(ApiError::QueueFull { room_in: queue.room_in() }),
    };
    let location = [(header::LOCATION, format!("{}/jobs/{}", api::ROOT, job.id.0))];
    Ok((StatusCode::CREATED, location, client.cookie, Json(job)).into_response())
}

/// `GET /jobs`.
pub async fn page(
    State(state): State<WebState>,
    client: Client,
    Query(part): Query<Part>,
) -> Result<Json<JobPage>, ApiError> {
    let limit = part.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let before = part.before.as_deref().map(named).transpose()?;
    let page = state.studio.queue().page(&client.owner, before.as_ref(), limit).await?;
    page.map(Json).ok_or(ApiError::NO_JOB)
}

/// `GET /jobs/{id}`.
pub async fn read(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<Job>, ApiError> {
    let job = state.studio.queue().find(&client.owner, &named(&id)?).await?;
    job.map(Json).ok_or(ApiError::NO_JOB)
}

/// `GET /jobs/{id}/request`.
pub async fn request(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let job = kept(&state, &client, &id).await?;
    requested(&state, &job).await
}

/// `POST /jobs/{id}/cancel`.
pub async fn cancel(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<Job>, ApiError> {
    let job = state.studio.queue().cancel(&client.owner, &named(&id)?).await?;
    job.map(Json).ok_or(ApiError::NO_JOB)
}

/// `DELETE /jobs/{id}`.
pub async fn delete(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    match state.studio.queue().delete(&client.owner, &named(&id)?).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::NO_JOB),
    }
}

/// A job's name, or that there is no such job.
pub fn named(id: &str) -> Result<JobId, ApiError> {
    JobId::parse(id).ok_or(ApiError::NO_JOB)
}

/// A job of the client, as it is kept.
pub async fn kept(state: &WebState, client: &Client, id: &str) -> Result<jobs::Job, ApiError> {
    let job = state.studio.queue().store().find(&client.owner, &named(id)?).await?;
    job.ok_or(ApiError::NO_JOB)
}

/// The request of a job that the client may see.
pub async fn requested(state: &WebState, job: &jobs::Job) -> Result<Response, ApiError> {
    let request = state.studio.queue().store().request(job).await?.ok_or(ApiError::NO_JOB)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], request).into_response())
}
