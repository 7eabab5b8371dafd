//! Requests to `/api/v1`, typed by the crate `api`.

use api::Failure;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The status of a missing resource.
const GONE: u16 = 404;

/// The message for when the server does not answer.
pub const SILENCE: &str = "the server does not answer; what you drew stays here, try again in a moment";

/// Gets a value.
///
/// # Errors
/// What the server reports as wrong, or that it does not answer.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    value(send(Request::get(path)).await?).await
}

/// Gets a value; `None` if it is gone.
///
/// # Errors
/// As [`get`].
pub async fn find<T: DeserializeOwned>(path: &str) -> Result<Option<T>, Failure> {
    let response = Request::get(path).send().await.map_err(unreachable)?;
    if response.status() == GONE {
        return Ok(None);
    }
    value(accepted(response).await?).await.map(Some)
}

/// Gets a file.
///
/// # Errors
/// As [`get`].
pub async fn get_bytes(path: &str) -> Result<Vec<u8>, Failure> {
    send(Request::get(path)).await?.binary().await.map_err(unreadable)
}

/// Posts a value and reads the response.
///
/// # Errors
/// As [`get`].
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    let body = serde_json::to_string(body).map_err(|error| unreadable(error.into()))?;
    value(post_text(path, &body).await?).await
}

/// Posts JSON, and retries once without an answer: the first may have arrived, and the key makes them one.
async fn post_text(path: &str, json: &str) -> Result<Response, Failure> {
    let key = js_sys::Math::random().to_string();
    let mut again = true;
    loop {
        let request = Request::post(path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", &key)
            .body(json)
            .map_err(unreadable)?;
        match request.send().await {
            Err(_) if again => again = false,
            sent => return accepted(sent.map_err(unreachable)?).await,
        }
    }
}

/// Posts without a body and reads the response.
///
/// # Errors
/// As [`get`].
pub async fn post_empty<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    value(send(Request::post(path)).await?).await
}

/// Deletes; what is gone already is no error.
///
/// # Errors
/// As [`get`].
pub async fn delete(path: &str) -> Result<(), Failure> {
    let response = Request::delete(path).send().await.map_err(unreachable)?;
    if response.status() == GONE { Ok(()) } else { accepted(response).await.map(drop) }
}

async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    accepted(request.send().await.map_err(unreachable)?).await
}

/// The response, if it is a success; else the failure that the server reports.
async fn accepted(response: Response) -> Result<Response, Failure> {
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let unexplained = || Failure::message(format!("the server refused, with status {status}"));
    Err(response.json().await.unwrap_or_else(|_| unexplained()))
}

async fn value<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    response.json().await.map_err(unreadable)
}

fn unreachable(_: gloo_net::Error) -> Failure {
    Failure::message(SILENCE)
}

fn unreadable(error: gloo_net::Error) -> Failure {
    Failure::message(format!("the server's answer cannot be read ({error}); reload the page"))
}
