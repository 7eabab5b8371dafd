//! The first middleware for every request: request id, access and logging.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::WebState;
use super::access::Denied;
use super::address::ClientAddress;
use super::api::ApiError;
use super::listen::Peer;

const REQUEST_ID: &str = "x-request-id";

/// Health probes, open to anybody and not counted.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Maximum bytes of a path segment that may be a file name.
const LONGEST_NAME: usize = 255;

/// Maximum bytes of a path that is looked up.
const LONGEST_PATH: usize = 2048;

/// Gives a request an id, checks access, counts it and logs its response.
pub async fn pass(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    let client = state.hosting.proxies.client(peer, request.headers());
    let id = format!("{:016x}", rand::random::<u64>());
    let (method, path) = (request.method().clone(), logged(request.uri().path()));
    let is_probe = PROBES.contains(&request.uri().path());
    let span = tracing::error_span!("request", id, %client, %method, path);
    let answer = async {
        let mut response = match admit(&state, client, request).await {
            // No file name is that long.
            Ok(request) if is_no_file(request.uri().path()) => {
                ApiError::NotFound("There is no such address.").into_response()
            }
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        };
        let (status, took) = (response.status().as_u16(), started.elapsed());
        // A model that is still loading is no error.
        if !is_probe {
            state.studio.queue().metrics().answered(status, took);
        }
        tracing::info!(status, ms = took.as_millis() as u64, "answered");
        if let Ok(id) = HeaderValue::try_from(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    answer.instrument(span).await
}

fn is_no_file(path: &str) -> bool {
    path.len() > LONGEST_PATH || path.split('/').any(|name| name.len() > LONGEST_NAME)
}

/// Removes the token of a share link from a logged path: it grants access to its job.
fn logged(path: &str) -> String {
    const SHARED: &str = "/shared/";
    let Some((before, link)) = path.split_once(SHARED) else { return path.to_owned() };
    let rest = link.find('/').map_or("", |slash| &link[slash..]);
    format!("{before}{SHARED}…{rest}")
}

async fn admit(state: &WebState, client: IpAddr, mut request: Request) -> Result<Request, ApiError> {
    request.extensions_mut().insert(ClientAddress(client));
    let (hosting, path) = (&state.hosting, request.uri().path());
    if PROBES.contains(&path) {
        return Ok(request);
    }
    // The program's own files are many and cheap. Missing ones get no page.
    let package = path.strip_prefix('/').and_then(|path| path.strip_prefix(state.site.package()));
    if !package.is_some_and(|file| file.starts_with('/')) {
        hosting.requests.count(client).map_err(|wait| ApiError::TooOften { does: "ask", wait })?;
    }
    match hosting.access.admit(request.headers(), client).await {
        Ok(admitted) => {
            request.extensions_mut().insert(admitted);
            Ok(request)
        }
        Err(Denied::Unknown(challenges)) => Err(ApiError::Unknown(challenges)),
        Err(Denied::TooMany(wait)) => Err(ApiError::TooOften { does: "try passwords", wait }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_logged_without_the_secret_of_a_link() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(logged(&format!("/shared/{token}")), "/shared/…");
        assert_eq!(logged(&format!("/api/v1/shared/{token}/pictures/0")), "/api/v1/shared/…/pictures/0");
        assert_eq!(logged("/api/v1/jobs"), "/api/v1/jobs");
    }
}
