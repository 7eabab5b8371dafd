//! What every request passes first: it gets a name for the log, and is let in or not.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jobs::Owner;
use tracing::Instrument;

use super::WebState;
use super::access::Denied;
use super::api::ApiError;
use super::listen::Peer;

const REQUEST_ID: &str = "x-request-id";

/// The client that a request's token tells.
#[derive(Clone, Debug)]
pub struct TokenOwner(pub Owner);

/// The address that a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Gives a request its name, lets it in, counts it and logs how it was answered.
pub async fn pass(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    let client = state.hosting.proxies.client(peer, request.headers());
    let id = format!("{:016x}", rand::random::<u64>());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id, %client, %method, path);
    let answer = async {
        let mut response = match admit(&state, client, request).await {
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        };
        let (status, took) = (response.status().as_u16(), started.elapsed());
        state.studio.queue().metrics().answered(status, took);
        tracing::info!(status, ms = took.as_millis() as u64, "answered");
        if let Ok(id) = HeaderValue::try_from(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    answer.instrument(span).await
}

async fn admit(state: &WebState, client: IpAddr, mut request: Request) -> Result<Request, ApiError> {
    request.extensions_mut().insert(ClientAddress(client));
    let (hosting, path) = (&state.hosting, request.uri().path());
    if ["/healthz", "/readyz"].contains(&path) {
        return Ok(request);
    }
    // The program's own files are many and cost nothing. Below their folder what is not there is told without a page.
    let package = path.strip_prefix('/').and_then(|path| path.strip_prefix(state.site.package()));
    if !package.is_some_and(|file| file.starts_with('/')) {
        hosting.requests.count(client).map_err(ApiError::TooOften)?;
    }
    match hosting.access.admit(request.headers(), client).await {
        Ok(owner) => {
            if let Some(owner) = owner {
                request.extensions_mut().insert(TokenOwner(owner));
            }
            Ok(request)
        }
        Err(Denied::Unknown(challenges)) => Err(ApiError::Unknown(challenges)),
        Err(Denied::TooMany(wait)) => Err(ApiError::TooOften(wait)),
    }
}
