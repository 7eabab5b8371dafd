//! `GET /jobs/{id}/pictures/{number}`.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::client::Client;
use super::error::ApiError;
use super::jobs::kept;
use crate::web::WebState;

const NO_PICTURE: ApiError = ApiError::NotFound("There is no such picture, or not yet.");

/// A picture of the client's job.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/pictures/{number}",
    params(
        ("id" = String, Path, description = "The job"),
        ("number" = u32, Path, description = "The picture, from 0"),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/png"),
        (status = 404, body = api::Failure),
    ),
)]
pub async fn read(
    State(state): State<WebState>,
    client: Client,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let job = kept(&state, &client, &id).await?;
    painted(&state, &job, &number).await
}

/// A picture of a job that the client may see.
pub async fn painted(state: &WebState, job: &jobs::Job, number: &str) -> Result<Response, ApiError> {
    let number = number.parse().map_err(|_| NO_PICTURE)?;
    let png = state.studio.queue().store().picture(job, number).await?.ok_or(NO_PICTURE)?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        // It never changes, and is the client's alone.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((headers, png).into_response())
}
