//! Probes for the host's programs: health, readiness and metrics.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::WebState;
use super::api::ApiError;
use super::studio::Engine;

/// `GET /readyz`: is a model loaded, and does the database respond?
pub async fn ready(State(state): State<WebState>) -> (StatusCode, &'static str) {
    if let Err(error) = state.studio.queue().store().answers().await {
        tracing::error!("{error}");
        return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer");
    }
    match state.studio.engine() {
        Engine::Ready(_) => (StatusCode::OK, "ready"),
        Engine::Loading => (StatusCode::SERVICE_UNAVAILABLE, "the model is being loaded"),
        Engine::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "there is no model"),
    }
}

/// `GET /metrics`, on a separate port.
pub async fn metrics(State(state): State<WebState>) -> Result<impl IntoResponse, ApiError> {
    const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let queue = state.studio.queue();
    let counts = queue.store().counts().await?;
    let age = |since: i64| Duration::from_millis((jobs::now() - since).max(0).cast_unsigned());
    let oldest = counts.oldest.map(age);
    let text = queue.metrics().render(&counts, oldest, queue.watchers());
    Ok(([(header::CONTENT_TYPE, KIND)], text))
}
