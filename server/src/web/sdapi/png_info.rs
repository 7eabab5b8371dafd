//! Metadata of a picture.

use std::collections::BTreeMap;

use api::Failure;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::WebState;
use crate::picture::{self, PARAMETERS_KEYWORD};
use crate::web::api::{ApiError, Json};

/// A picture.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// A PNG as base64 or data URL.
    image: String,
}

/// `POST /png-info`.
pub async fn read(State(state): State<WebState>, Json(asked): Json<Asked>) -> Result<Json<Value>, ApiError> {
    let texts = state.studio.blocking_pool().run(move || texts(&asked.image)).await;
    let items: BTreeMap<String, String> = texts.map_err(ApiError::Inside)??.into_iter().collect();
    let info = items.get(PARAMETERS_KEYWORD).cloned().unwrap_or_default();
    Ok(Json(json!({ "info": info, "items": items, "parameters": {} })))
}

fn texts(image: &str) -> Result<Vec<(String, String)>, Failure> {
    let base64 = image.rsplit_once(',').map_or(image, |(_, base64)| base64);
    let png = STANDARD.decode(base64.trim()).map_err(|_| Failure::field("image", "is not base64"))?;
    picture::texts(&png).map_err(|error| Failure::field("image", crate::one_line(&error)))
}
