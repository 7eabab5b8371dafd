//! `GET /status`.

use api::Status;
use axum::extract::State;

use super::json::Json;
use crate::web::WebState;

/// How the server is.
#[utoipa::path(get, path = "/api/v1/status", responses((status = 200, body = Status)))]
pub async fn read(State(state): State<WebState>) -> Json<Status> {
    Json(state.status())
}
