//! Who asks: an anonymous, signed cookie, which no script can read; or a token.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};
use jobs::Owner;

use crate::web::WebState;
use crate::web::gate::Named;

const NAME: &str = "dense-diffusion";

/// As long as browsers keep any cookie, counted anew with each page.
const DAYS: i64 = 400;

/// The client of a request.
#[derive(Debug)]
pub struct Client {
    /// Its name.
    pub owner: Owner,
    /// The cookie that tells the client its name, if it did not bring one.
    pub cookie: Option<SignedCookieJar>,
}

impl FromRequestParts<WebState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Infallible> {
        let named = parts.extensions.get::<Named>().map(|named| named.0.clone());
        Ok(match named.or_else(|| known(&parts.headers, state)) {
            Some(owner) => Self { owner, cookie: None },
            None => {
                let owner = Owner::random();
                let cookie = Some(cookie(&owner, state));
                Self { owner, cookie }
            }
        })
    }
}

/// Gives whoever opens a page its cookie: before the page asks for anything, so that no two answers give two names.
pub async fn greet(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let owner = known(request.headers(), &state);
    let response = next.run(request).await;
    let is_page = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_page) {
        let cookie = cookie(&owner.unwrap_or_else(Owner::random), &state);
        return (cookie, response).into_response();
    }
    response
}

/// The client that a request names; a value that we have not signed is none.
fn known(headers: &HeaderMap, state: &WebState) -> Option<Owner> {
    let jar = SignedCookieJar::from_headers(headers, Key::from_ref(state));
    Owner::parse(jar.get(NAME)?.value())
}

/// It is not sent with what other sites' pages ask for, but is when a link leads here.
fn cookie(owner: &Owner, state: &WebState) -> SignedCookieJar {
    let cookie = Cookie::build((NAME, owner.as_str().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.hosting.is_secure())
        .max_age(time::Duration::days(DAYS));
    SignedCookieJar::new(Key::from_ref(state)).add(cookie)
}
