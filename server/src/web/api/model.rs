//! `GET /model`.

use axum::extract::State;

use super::error::ApiError;
use super::json::Json;
use crate::web::WebState;
use crate::web::studio::{Engine, Model};

/// The model that is loaded.
#[utoipa::path(
    get,
    path = "/api/v1/model",
    responses((status = 200, body = api::Model), (status = 503, body = api::Failure)),
)]
pub async fn read(State(state): State<WebState>) -> Result<Json<api::Model>, ApiError> {
    Ok(Json(loaded(&state)?.describe(*state.studio.limits())))
}

/// The model, or in words why there is none.
pub fn loaded(state: &WebState) -> Result<std::sync::Arc<Model>, ApiError> {
    match state.studio.engine() {
        Engine::Ready(model) => Ok(model),
        Engine::Loading => Err(ApiError::Soon("The model is being loaded; this takes a moment.")),
        Engine::Failed(why) => Err(ApiError::NoModel(why)),
    }
}
