//! `POST /tokens`.

use api::{Failure, Tokens, TokensRequest};
use axum::extract::State;
use layout::MAX_REGIONS;
use request::{MAX_TEXT, OccurrenceRequest, is_too_long};

use super::error::ApiError;
use super::json::Json;
use super::model::loaded;
use crate::web::WebState;

/// Bytes of a body: all texts at their longest, written as JSON escapes.
pub const MAX_BODY: usize = 6 * (MAX_REGIONS + 1) * MAX_TEXT + (64 << 10);

/// Where the regions' texts stand in the full text.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    request_body = TokensRequest,
    responses(
        (status = 200, body = Tokens),
        (status = 422, body = Failure),
        (status = 503, body = Failure),
    ),
)]
pub async fn find(
    State(state): State<WebState>,
    Json(request): Json<TokensRequest>,
) -> Result<Json<Tokens>, ApiError> {
    let model = loaded(&state)?;
    within_limits(&request)?;
    let vocabulary = !state.studio.words().is_empty();
    let found = state.studio.blocking_pool().run(move || model.tokens(&request, vocabulary)).await;
    Ok(Json(found.and_then(|found| Ok(found?)).map_err(ApiError::Inside)?))
}

fn within_limits(request: &TokensRequest) -> Result<(), Failure> {
    let (regions, occurrences) = (request.regions.len(), request.occurrences.len());
    // Before anything is said of single entries: there may be a million.
    for (field, count, most) in [("regions", regions, MAX_REGIONS), ("occurrences", occurrences, regions)] {
        if count > most {
            return Err(Failure::field(field, format!("has {count} entries; allowed: at most {most}")));
        }
    }
    let regions = request.regions.iter().enumerate().map(|(n, text)| (format!("regions[{n}]"), text));
    let texts = std::iter::once(("prompt".to_owned(), &request.prompt)).chain(regions);
    let long = texts.filter(|(_, text)| is_too_long(text));
    Failure::refuse(long.map(|(path, _)| (path, format!("has more than {MAX_TEXT} characters"))).collect())?;
    let wrong = request.occurrences.iter().enumerate().filter(|(_, meant)| meant.parse().is_none());
    let said = |meant| format!("is {meant}; allowed: {}", OccurrenceRequest::ALLOWED);
    Failure::refuse(wrong.map(|(n, meant)| (format!("occurrences[{n}]"), said(meant))).collect())
}
