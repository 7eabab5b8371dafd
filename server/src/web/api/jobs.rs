//! `/jobs`: a client's own generations.

use std::sync::Arc;

use api::{Failure, Job, JobPage};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jobs::{JobId, Key, NewJob, Submission};
use request::GenerationRequest;
use serde::Deserialize;

use super::client::{Client, Submitter};
use super::error::ApiError;
use super::json::{Json, Query};
use crate::web::WebState;
use crate::web::studio::{Engine, few_regions, painted_on};

/// Which part of a history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Older than this job; the newest of all without it.
    before: Option<String>,
    /// How many at most.
    limit: Option<u32>,
    /// More than that, if it takes more to come to the oldest unfinished one.
    #[serde(default)]
    unfinished: bool,
}

const PAGE: u32 = 20;
const LONGEST_PAGE: u32 = 100;

/// What a client calls a submission, so that it may send it again without a second job coming of it.
const KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 200;

/// Submits a generation, which waits for its turn.
#[utoipa::path(
    post,
    path = "/api/v1/jobs",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; for clients that bring their cookie or a token", min_length = 1, max_length = 200),
    ),
    request_body = GenerationRequest,
    responses(
        (status = 201, body = Job, description = "It waits"),
        (status = 200, body = Job, description = "It was submitted before, with this key"),
        (status = 400, body = Failure),
        (status = 422, body = Failure),
        (status = 429, body = Failure),
        (status = 503, body = Failure),
    ),
)]
pub async fn submit(
    State(state): State<WebState>,
    submitter: Submitter,
    headers: HeaderMap,
    Json(request): Json<GenerationRequest>,
) -> Result<Response, ApiError> {
    let key = key(&headers, &request)?;
    if key.is_some() && !submitter.0.is_known_again {
        return Ok((submitter.0.cookie, ApiError::KeyOfNobody).into_response());
    }
    let (status, job) = submit_checked(&state, &submitter, request, key).await?;
    let location = [(header::LOCATION, format!("{}/jobs/{}", api::ROOT, job.id.as_str()))];
    let job = state.studio.queue().view(job);
    Ok((status, location, submitter.0.cookie, Json(job)).into_response())
}

/// Checks a request and submits it: 201, or 200 if it had been submitted before, which does not count as a submission.
pub async fn submit_checked(
    state: &WebState,
    submitter: &Submitter,
    request: GenerationRequest,
    key: Option<Key>,
) -> Result<(StatusCode, jobs::Job), ApiError> {
    let Client { owner, origin, .. } = &submitter.0;
    let (studio, queue, capacity) = (&state.studio, state.studio.queue(), state.studio.capacity());
    if let Engine::Failed(why) = studio.engine() {
        return Err(ApiError::NoModel(why));
    }
    // Before anything is waited for: in memory, many regions are many times their body.
    few_regions(&request)?;
    let submission = match queue.store().foreseen(owner, key.as_ref(), origin, capacity).await? {
        Some(submission) => submission,
        None => {
            submitter.count(state)?;
            // Pictures of layouts are decoded here.
            let (checker, inpaint) = (Arc::clone(studio), request.inpaint.clone());
            let checked = studio.blocking_pool().run(move || checker.check(request)).await;
            let new = NewJob { key, origin: origin.clone(), ..checked.map_err(ApiError::Inside)?? };
            if let Some(inpaint) = inpaint {
                painted_on::check(queue.store(), owner, &inpaint, &new).await??;
            }
            queue.submit(owner, &new, capacity).await?
        }
    };
    Ok(match submission {
        Submission::Taken(job) => (StatusCode::CREATED, job),
        Submission::Known(job) => (StatusCode::OK, job),
        Submission::KeyUsed => return Err(ApiError::KeyUsed),
        Submission::Full(full) => return Err(ApiError::NoRoom { full, room_in: queue.room_in() }),
    })
}

/// The submission's name, if the client gave it one.
fn key(headers: &HeaderMap, request: &GenerationRequest) -> Result<Option<Key>, ApiError> {
    let Some(name) = headers.get(KEY) else { return Ok(None) };
    let name = name.to_str().ok().filter(|name| (1..=LONGEST_KEY).contains(&name.len()));
    let name = name.ok_or(ApiError::Key { longest: LONGEST_KEY })?.to_owned();
    let body = serde_json::to_vec(request).map_err(|error| ApiError::Inside(error.into()))?;
    Ok(Some(Key { name, body }))
}

/// The client's jobs, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    params(
        ("before" = Option<String>, Query, description = "Older than this job"),
        ("limit" = Option<u32>, Query, description = "How many at most", minimum = 1, maximum = 100),
        ("unfinished" = Option<bool>, Query, description = "Without `before`: more than `limit`, up to 100, if it takes more to come to the oldest unfinished one"),
    ),
    responses(
        (status = 200, body = JobPage),
        (status = 400, body = Failure),
        (status = 404, body = Failure),
        (status = 422, body = Failure),
    ),
)]
pub async fn page(
    State(state): State<WebState>,
    client: Client,
    Query(part): Query<Part>,
) -> Result<Json<JobPage>, ApiError> {
    let mut limit = part.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Failure::field("limit", format!("is {limit}; allowed: 1 to {LONGEST_PAGE}")).into());
    }
    let queue = state.studio.queue();
    let before = part.before.as_deref().map(named).transpose()?;
    if part.unfinished && before.is_none() {
        let reach = queue.store().unfinished_reach(&client.owner).await?;
        limit = limit.max(reach.min(LONGEST_PAGE));
    }
    let page = queue.page(&client.owner, before.as_ref(), limit).await?.ok_or(ApiError::NO_JOB)?;
    let jobs = page.jobs.into_iter().map(|job| queue.view(job)).collect();
    Ok(Json(JobPage { jobs, more: page.more }))
}

/// A job: how far it is, and how many pictures there are.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}",
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, body = Job), (status = 404, body = Failure)),
)]
pub async fn read(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<Job>, ApiError> {
    let job = state.studio.queue().find(&client.owner, &named(&id)?).await?;
    job.map(Json).ok_or(ApiError::NO_JOB)
}

/// What was asked for, with the seed that was used: submitted again, it paints the same pictures.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/request",
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, body = GenerationRequest), (status = 404, body = Failure)),
)]
pub async fn request(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let job = kept(&state, &client, &id).await?;
    requested(&state, &job).await
}

/// Cancels a job that waits or runs; one that is over stays as it is.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/cancel",
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, body = Job), (status = 404, body = Failure)),
)]
pub async fn cancel(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
) -> Result<Json<Job>, ApiError> {
    let job = state.studio.queue().cancel(&client.owner, &named(&id)?).await?;
    job.map(Json).ok_or(ApiError::NO_JOB)
}

/// Deletes a job that is over, with its pictures.
#[utoipa::path(
    delete,
    path = "/api/v1/jobs/{id}",
    params(("id" = String, Path, description = "The job")),
    responses((status = 204), (status = 404, body = Failure)),
)]
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
