//! Who asks: an anonymous cookie, which no script can read.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jobs::Owner;

const NAME: &str = "dense-diffusion";

/// No script reads it; it is not sent with what other sites' pages ask for, but is when a link leads here. It lives for
/// 400 days, as long as browsers keep any, counted anew with each page.
const ATTRIBUTES: &str = "Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000";

/// The client of a request.
#[derive(Debug)]
pub struct Client {
    /// Its name.
    pub owner: Owner,
    /// The cookie that tells the client its name, if it did not bring one.
    pub cookie: Option<[(header::HeaderName, HeaderValue); 1]>,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(match known(&parts.headers) {
            Some(owner) => Self { owner, cookie: None },
            None => {
                let owner = Owner::random();
                let cookie = cookie(&owner).map(|cookie| [(header::SET_COOKIE, cookie)]);
                Self { owner, cookie }
            }
        })
    }
}

/// Gives whoever opens a page its cookie: before the page asks for anything, so that no two answers give two names.
pub async fn greet(request: Request, next: Next) -> Response {
    let owner = known(request.headers());
    let mut response = next.run(request).await;
    let is_page = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_page)
        && let Some(cookie) = cookie(&owner.unwrap_or_else(Owner::random))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The client that a request names; a value that is not one of ours is none.
fn known(headers: &HeaderMap) -> Option<Owner> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == NAME).and_then(|(_, value)| Owner::parse(value))
}

fn cookie(owner: &Owner) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{NAME}={}; {ATTRIBUTES}", owner.as_str())).ok()
}
