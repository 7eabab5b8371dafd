//! `POST /tokens`.

use api::{Failure, Tokens, TokensRequest};
use axum::extract::State;
use layout::MAX_REGIONS;
use request::{MAX_TEXT, OccurrenceRequest};

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
    let found = state.studio.desk().work(move || model.tokens(&request)).await;
    Ok(Json(found.and_then(|found| Ok(found?)).map_err(ApiError::Inside)?))
}

fn within_limits(request: &TokensRequest) -> Result<(), Failure> {
    let count = request.regions.len();
    if count > MAX_REGIONS {
        let message = format!("There are {count} regions; at most {MAX_REGIONS} are possible.");
        return Err(Failure { message, fields: Vec::new() });
    }
    let is_long = |text: &str| text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT;
    let regions = request.regions.iter().enumerate().map(|(n, text)| (format!("regions[{n}]"), text));
    let texts = std::iter::once(("prompt".to_owned(), &request.prompt)).chain(regions);
    let long = texts.filter(|(_, text)| is_long(text));
    let fields: Vec<_> =
        long.map(|(path, _)| (path, format!("has more than {MAX_TEXT} characters"))).collect();
    if !fields.is_empty() {
        return Err(Failure { message: "A text is too long.".to_owned(), fields });
    }
    let wrong = request.occurrences.iter().enumerate().filter(|(_, meant)| meant.parse().is_none());
    let said = |meant| format!("is {meant}; allowed: {}", OccurrenceRequest::ALLOWED);
    let fields: Vec<_> = wrong.map(|(n, meant)| (format!("occurrences[{n}]"), said(meant))).collect();
    match fields.is_empty() {
        true => Ok(()),
        false => Err(Failure { message: "An occurrence is not valid.".to_owned(), fields }),
    }
}
