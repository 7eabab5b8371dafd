//! Rejects requests before their body is read.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::web::WebState;
use crate::web::hosting::Public;
use crate::web::studio::MAX_REQUEST;

/// Rejects announced bodies that are too long, and state-changing requests from pages of another origin.
/// Programs other than browsers send no origin and pass.
pub async fn check(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let host = request.uri().authority().map(|authority| authority.to_string());
    if announced(request.headers()) > MAX_REQUEST {
        ApiError::Length.into_response()
    } else if !request.method().is_safe() && !is_ours(request.headers(), host, state.hosting.public.as_ref())
    {
        ApiError::Origin.into_response()
    } else {
        next.run(request).await
    }
}

/// The announced length of the body; 0 if unknown.
fn announced(headers: &HeaderMap) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// Without a configured public address, the scheme is ignored: a proxy may terminate TLS.
fn is_ours(headers: &HeaderMap, authority: Option<String>, public: Option<&Public>) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
    let Some(origin) = text(header::ORIGIN) else { return true };
    if let Some(public) = public {
        return origin.eq_ignore_ascii_case(&public.origin);
    }
    let host = authority.or_else(|| text(header::HOST));
    let origin = origin.split_once("://").map(|(_, authority)| authority.to_ascii_lowercase());
    origin.is_some() && origin == host.map(|host| host.to_ascii_lowercase())
}
