//! Who asks: an anonymous, signed cookie, which no script can read; or a token.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRef, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, Key, SameSite, SignedCookieJar};
use jobs::{Origin, Owner};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use crate::web::access::Admitted;
use crate::web::address::{self, ClientAddress};
use crate::web::{Limiter, WebState};

/// The cookie's name.
pub const COOKIE: &str = "dense-diffusion";

/// The longest cookie lifetime of browsers, renewed with each page.
const DAYS: i64 = 400;

/// The client of a request. One with a token is the host's choice, from any address; other names are free.
#[derive(Debug)]
pub struct Client {
    /// Its name.
    pub owner: Owner,
    /// Where its jobs come from.
    pub origin: Origin,
    /// Its address, for rate limits.
    address: Option<IpAddr>,
    /// The cookie that gives the client its name, if it sent none.
    pub cookie: Option<SignedCookieJar>,
    /// The name that came with its password.
    user: Option<String>,
    /// Whether it keeps such a cookie, or needs none. Who brings one of another server does.
    pub is_known_again: bool,
}

impl FromRequestParts<WebState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ClientAddress>().map(|ClientAddress(address)| *address);
        let user = match parts.extensions.get() {
            Some(Admitted::Token(owner)) => {
                let (owner, origin) = (owner.clone(), Origin::default());
                return Ok(Self {
                    owner,
                    origin,
                    address: None,
                    cookie: None,
                    user: None,
                    is_known_again: true,
                });
            }
            Some(Admitted::User(name)) => Some(name.clone()),
            Some(Admitted::Anybody) | None => None,
        };
        let known = known(&parts.headers, state);
        let is_known_again = CookieJar::from_headers(&parts.headers).get(COOKIE).is_some();
        let network = address.map(|address| network_digest(address, state));
        let origin = Origin { network, is_new: known.is_none() };
        Ok(match known {
            Some(owner) => Self { owner, origin, address, cookie: None, user, is_known_again },
            None => {
                let owner = Owner::random();
                let cookie = Some(cookie(&owner, state));
                Self { owner, origin, address, cookie, user, is_known_again }
            }
        })
    }
}

impl Client {
    fn count(&self, limiter: &Limiter) -> Result<(), ApiError> {
        let Some(address) = self.address else { return Ok(()) };
        limiter.count(address).map_err(|wait| ApiError::TooOften { does: "submit", wait })
    }

    /// For programs that keep no cookies: all of a network that bring none are one client, or of each user there. Nobody is told its name, so that
    /// no cookie can hold it.
    pub fn by_network(self, state: &WebState) -> Self {
        let network = self.origin.network.as_ref().filter(|_| self.origin.is_new);
        let user = self.user.as_ref().map_or(String::new(), |name| format!(" by {name}"));
        let name = network.map(|network| keyed_digest(&format!("programs of {network}{user}"), state));
        match name.and_then(|name| Owner::parse(&name)) {
            Some(owner) => Self { owner, cookie: None, ..self },
            None => self,
        }
    }
}

/// The client of a submission. Its address may try a few times more often than it may submit: what is sent again and what is
/// refused is no submission, but has to be read. Without this no job is taken in.
#[derive(Debug)]
pub struct Submitter(pub Client);

impl FromRequestParts<WebState> for Submitter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, ApiError> {
        let Ok(client) = Client::from_request_parts(parts, state).await;
        client.count(&state.hosting.tries)?;
        Ok(Self(client))
    }
}

impl Submitter {
    /// Counts a submission.
    ///
    /// # Errors
    /// That its address has sent as many as it may in a minute.
    pub fn count(&self, state: &WebState) -> Result<(), ApiError> {
        self.0.count(&state.hosting.submissions)
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
    Owner::parse(jar.get(COOKIE)?.value())
}

/// What is kept of an address beside its jobs: without the key it does not tell which address it is.
fn network_digest(address: IpAddr, state: &WebState) -> String {
    keyed_digest(&address::network(address).to_string(), state)
}

fn keyed_digest(text: &str, state: &WebState) -> String {
    let digest = Sha256::new().chain_update(state.key.signing()).chain_update(text).finalize();
    hex::encode(&digest[..16])
}

/// It is not sent with what other sites' pages ask for, but is when a link leads here.
fn cookie(owner: &Owner, state: &WebState) -> SignedCookieJar {
    let cookie = Cookie::build((COOKIE, owner.as_str().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.hosting.is_secure())
        .max_age(time::Duration::days(DAYS));
    SignedCookieJar::new(Key::from_ref(state)).add(cookie)
}
