//! `/sdapi/v1`: as much of the interface of the Stable Diffusion web UI (A1111) as programs need that paint with it.
//!
//! Regions come under `alwayson_scripts`, as other extensions' arguments do:
//! `{"dense diffusion": {"args": [{"layout": …, "regions": …}]}}`, with any other field of our own request.
//!
//! What differs from the web UI:
//! - Progress and interrupt concern a client's own generations only. It is known by its cookie or its token here too; all
//!   programs of one address that send neither are one client ([`Program`]), as few of them keep cookies.
//! - One seed serves a whole batch, whose pictures are drawn from it together; the web UI counts the seed up from picture
//!   to picture.
//! - The prompt is plain text: `(word:1.2)`, `[from:to:when]`, `AND` and `BREAK` have no meaning, and `<lora:…>` is refused.
//! - A field or a setting that would change the picture and is not there is refused (`unsupported.rs`); one that asks
//!   for nothing, as in the web UI's default request, is not.

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

/// The path that all others begin with.
pub const ROOT: &str = "/sdapi/v1";

/// What regions come under.
const SCRIPT: &str = "dense diffusion";

/// The client of a request, known by its address if by nothing else.
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
