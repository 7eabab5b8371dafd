//! `/sdapi/v1`: the part of the API of the Stable Diffusion web UI (A1111) that client programs need.
//!
//! Regions are passed under `alwayson_scripts`, like other extensions' arguments:
//! `{"dense diffusion": {"args": [{"layout": …, "regions": …}]}}`, with any other field of our own request.
//!
//! What differs from the web UI:
//! - Progress and interrupt concern only a client's own generations. Its cookie or token identifies it here
//!   too; all programs of one address that send neither are one client ([`Program`]), as few keep cookies.
//! - One seed serves a whole batch; the web UI increments it from picture to picture.
//! - The prompt is plain text: emphasis in brackets and `<lora:…>` are refused, `AND` and `BREAK` have no
//!   meaning.
//! - Unsupported fields or settings that would change the picture are refused (`unsupported.rs`), unless
//!   their value is neutral, as in the web UI's default request.

mod about;
mod png_info;
mod progress;
mod samplers;
mod txt2img;
mod unsupported;

use std::convert::Infallible;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;

use super::WebState;
use super::api::{ApiError, Client};
use super::studio::MAX_REQUEST;

/// The common path prefix.
pub const ROOT: &str = "/sdapi/v1";

/// The script name for regions.
const SCRIPT: &str = "dense diffusion";

/// The client of a request, identified by its address if by nothing else.
#[derive(Debug)]
pub struct Program(pub Client);

impl FromRequestParts<WebState> for Program {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Infallible> {
        let Ok(client) = Client::from_request_parts(parts, state).await;
        Ok(Self(client.by_network(state)))
    }
}

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
        .route("/options", get(about::options).post(about::set_options))
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
