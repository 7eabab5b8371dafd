//! `/shared/{token}`: a generation for whoever has its link, read-only.

use api::Job;
use axum::extract::{Path, State};
use axum::response::Response;
use jobs::ShareToken;

use super::error::ApiError;
use super::json::Json;
use super::{jobs as own, pictures};
use crate::web::WebState;

const NO_LINK: ApiError =
    ApiError::NotFound("This link leads to nothing; what it showed may have been deleted.");

/// A job, for whoever has its link.
#[utoipa::path(
    get,
    path = "/api/v1/shared/{token}",
    params(("token" = String, Path, description = "The last part of the link")),
    responses((status = 200, body = Job), (status = 404, body = api::Failure)),
)]
pub async fn read(State(state): State<WebState>, Path(token): Path<String>) -> Result<Json<Job>, ApiError> {
    find(&state, &token).await.map(Json)
}

/// What a link leads to.
///
/// # Errors
/// [`ApiError::NotFound`] if that is nothing.
pub async fn find(state: &WebState, token: &str) -> Result<Job, ApiError> {
    let job = shown(state, token).await?;
    Ok(state.studio.queue().view(job))
}

/// What was asked for, for whoever has the link.
#[utoipa::path(
    get,
    path = "/api/v1/shared/{token}/request",
    params(("token" = String, Path, description = "The last part of the link")),
    responses((status = 200, body = ::request::GenerationRequest), (status = 404, body = api::Failure)),
)]
pub async fn request(State(state): State<WebState>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let job = shown(&state, &token).await?;
    own::requested(&state, &job).await
}

/// A picture, for whoever has the link.
#[utoipa::path(
    get,
    path = "/api/v1/shared/{token}/pictures/{number}",
    params(
        ("token" = String, Path, description = "The last part of the link"),
        ("number" = u32, Path, description = "The picture, from 0"),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/png"),
        (status = 404, body = api::Failure),
    ),
)]
pub async fn picture(
    State(state): State<WebState>,
    Path((token, number)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let job = shown(&state, &token).await?;
    pictures::painted(&state, &job, &number).await
}

async fn shown(state: &WebState, token: &str) -> Result<jobs::Job, ApiError> {
    let token = ShareToken::parse(token).ok_or(NO_LINK)?;
    state.studio.queue().store().shared(&token).await?.ok_or(NO_LINK)
}
