//! `/api/v1`, as the crate `api` describes it: one file per resource.

mod client;
mod error;
mod events;
mod guard;
mod jobs;
mod json;
mod model;
mod pictures;
mod shared;
mod tokens;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;

pub use client::greet;
use error::ApiError;

use super::WebState;
use super::studio::MAX_REQUEST;

/// The routes below [`::api::ROOT`].
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/model", get(model::read))
        .route("/tokens", post(tokens::find))
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
        .layer(middleware::from_fn(guard::check))
        // What one client was told is no answer for another.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
}
