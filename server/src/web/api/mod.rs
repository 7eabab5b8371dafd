//! `/api/v1`, as the crate `api` describes it: one file per resource.

mod client;
mod docs;
mod error;
mod events;
mod guard;
mod jobs;
mod json;
mod model;
mod openapi;
mod pictures;
mod plain;
mod ranges;
mod samplers;
mod shared;
mod status;
mod tokens;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;

pub use client::{Client, Submitter, greet};
pub use error::ApiError;
pub use guard::check;
pub use jobs::submit_checked;
pub use json::{Json, Query};
pub use model::loaded;
pub use plain::plain;
pub use shared::find as find_shared;

use super::WebState;
use super::studio::MAX_REQUEST;

/// Timeout for a request to arrive and be answered; event streams go on after that.
const LONGEST: Duration = Duration::from_secs(30);

/// Rejects requests that take too long.
async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(LONGEST, next.run(request)).await;
    answer.unwrap_or_else(|_| ApiError::Late.into_response())
}

/// The routes below [`::api::ROOT`].
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/docs", get(docs::page))
        .route("/openapi.json", get(openapi::read))
        .route("/status", get(status::read))
        .route("/model", get(model::read))
        .route("/samplers", get(samplers::list))
        .route("/tokens", post(tokens::find).layer(DefaultBodyLimit::max(tokens::MAX_BODY)))
        .route("/jobs", get(jobs::page).post(jobs::submit))
        .route("/jobs/{id}", get(jobs::read).delete(jobs::delete))
        .route("/jobs/{id}/request", get(jobs::request))
        .route("/jobs/{id}/events", get(events::watch))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/pictures/{number}", get(pictures::read))
        .route("/shared/{token}", get(shared::read))
        .route("/shared/{token}/request", get(shared::request))
        .route("/shared/{token}/pictures/{number}", get(shared::picture))
        .fallback(async || ApiError::NotFound("There is no such address in this interface."))
        .method_not_allowed_fallback(async || ApiError::Method)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .layer(middleware::from_fn(in_time))
        // Responses are private to the client.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
}
