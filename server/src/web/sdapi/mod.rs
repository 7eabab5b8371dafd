//! `/sdapi/v1`: as much of the interface of the Stable Diffusion web UI (A1111) as programs need that paint with it.
//!
//! Regions come under `alwayson_scripts`, as other extensions' arguments do:
//! `{"dense diffusion": {"args": [{"layout": …, "regions": …}]}}`, with any other field of our own request.
//! A client is told by its cookie or its token here too: progress and interrupt are about its own generations alone.

mod about;
mod png_info;
mod progress;
mod samplers;
mod txt2img;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;

use super::WebState;
use super::api::ApiError;
use super::studio::MAX_REQUEST;

/// The path that all others begin with.
pub const ROOT: &str = "/sdapi/v1";

/// What regions come under.
const SCRIPT: &str = "dense diffusion";

/// The routes below [`ROOT`].
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/txt2img", post(txt2img::paint))
        .route("/progress", get(progress::read))
        .route("/interrupt", post(progress::interrupt))
        .route("/skip", post(progress::interrupt))
        .route("/samplers", get(about::samplers))
        .route("/schedulers", get(about::schedulers))
        .route("/sd-models", get(about::models))
        .route("/options", get(about::options))
        .route("/scripts", get(about::scripts))
        .route("/png-info", post(png_info::read))
        .fallback(async || ApiError::NotFound("This part of the web UI's interface is not there."))
        .method_not_allowed_fallback(async || ApiError::Method)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
}
