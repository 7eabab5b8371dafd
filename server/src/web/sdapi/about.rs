//! Available options.

use axum::extract::State;
use request::Scheduler;
use serde_json::{Map, Value, json};

use super::samplers::{alias, is_karras_by_itself};
use super::{SCRIPT, WebState, unsupported};
use crate::web::api::{ApiError, Json, loaded};

/// `GET /samplers`.
pub async fn samplers() -> Json<Value> {
    let options = |it| if is_karras_by_itself(it) { json!({ "scheduler": "karras" }) } else { json!({}) };
    let sampler =
        |it: Scheduler| json!({ "name": it.title(), "aliases": [alias(it)], "options": options(it) });
    Json(Scheduler::ALL.map(sampler).into())
}

/// `GET /schedulers`.
pub async fn schedulers() -> Json<Value> {
    let scheduler = |(name, label): (&str, &str)| json!({ "name": name, "label": label, "aliases": null, "default_rho": -1.0, "need_inner_model": false });
    Json([("automatic", "Automatic"), ("karras", "Karras"), ("uniform", "Uniform")].map(scheduler).into())
}

/// `GET /sd-models`.
pub async fn models(State(state): State<WebState>) -> Result<Json<Value>, ApiError> {
    let name = loaded(&state)?.name.clone();
    // Do not reveal where the host stores it.
    let model = json!({
        "title": name, "model_name": name, "hash": null, "sha256": null, "filename": name, "config": null,
    });
    Ok(Json(json!([model])))
}

/// `GET /options`.
pub async fn options(State(state): State<WebState>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "sd_model_checkpoint": loaded(&state)?.name, "samples_format": "png" })))
}

/// `POST /options`: accepts only settings that hold anyway.
pub async fn set_options(
    State(state): State<WebState>,
    Json(settings): Json<Map<String, Value>>,
) -> Result<Json<Value>, ApiError> {
    unsupported::refuse_settings(&settings)?;
    unsupported::refuse_other_model(&state, &settings, "")?;
    Ok(Json(Value::Null))
}

/// `GET /scripts`.
pub async fn scripts() -> Json<Value> {
    Json(json!({ "txt2img": [SCRIPT], "img2img": [] }))
}
