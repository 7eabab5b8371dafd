//! API errors and their HTTP status.

use std::error::Error;
use std::mem;
use std::time::Duration;

use api::Failure;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jobs::{Full, StoreError, Trouble};

use super::plain::plain;
use crate::web::studio::{MAX_REQUEST, told};

/// `Retry-After` in seconds when the wait for room is unknown.
const UNKNOWN: u64 = 5;

/// Maximum `Retry-After` in seconds.
const LONGEST: u64 = 60;

/// Why a request fails.
#[derive(Debug)]
pub enum ApiError {
    /// The body is no JSON, not the JSON that is wanted, or too long.
    Body(JsonRejection),
    /// The query string is not valid.
    Query(QueryRejection),
    /// The body is too long.
    Length,
    /// Fields are not valid.
    Invalid(Failure),
    /// The client's idempotency key is not valid.
    Key {
        /// Its maximum length.
        longest: usize,
    },
    /// A key from a client that will not be recognized again.
    KeyOfNobody,
    /// The client has used this key for another submission.
    KeyUsed,
    /// A rate limit is exceeded.
    TooOften {
        /// What.
        does: &'static str,
        /// How long to wait.
        wait: Duration,
    },
    /// Authentication is required; these are the challenges.
    Unknown(Vec<HeaderValue>),
    /// The request timed out.
    Late,
    /// It comes from another site's page.
    Origin,
    /// The resource does not exist, or is not this client's.
    NotFound(&'static str),
    /// The resource does not support this method.
    Method,
    /// There is no room for another job.
    NoRoom {
        /// The limit that is reached.
        full: Full,
        /// How long until there may be room.
        room_in: Option<Duration>,
    },
    /// No model will be available.
    NoModel(String),
    /// The model is still loading, or the server is restarting.
    Soon(&'static str),
    /// Painting failed, for a reason that the client may know.
    Painting(String),
    /// The store fails temporarily; logged.
    Trouble(Trouble, StoreError),
    /// An internal error: logged, never sent.
    Inside(anyhow::Error),
}

impl ApiError {
    /// A job that does not exist, or is another client's.
    pub const NO_JOB: Self = Self::NotFound("There is no such generation; it may have been deleted.");

    /// Returns its status, `Retry-After` in seconds, and message.
    fn answer(self) -> (StatusCode, Option<u64>, Failure) {
        let refused = |status, message: &str| (status, None, message.to_owned());
        let (status, retry_after, message) = match self {
            Self::Invalid(failure) => return (StatusCode::UNPROCESSABLE_ENTITY, None, failure),
            Self::Body(JsonRejection::JsonDataError(error)) => {
                let said = error.source().map(ToString::to_string).unwrap_or_default();
                (error.status(), None, format!("The request is not valid: {}.", plain(&said)))
            }
            Self::Body(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Self::Length.answer();
            }
            Self::Body(rejection) => (rejection.status(), None, rejection.body_text()),
            Self::Query(rejection) => (rejection.status(), None, rejection.body_text()),
            Self::Length => {
                let most = MAX_REQUEST >> 20;
                let message =
                    format!("This is too long; the longest request takes {most} MiB, and some less.");
                (StatusCode::PAYLOAD_TOO_LARGE, None, message)
            }
            Self::Key { longest } => {
                let message = format!("An Idempotency-Key has 1 to {longest} printable ASCII characters.");
                (StatusCode::BAD_REQUEST, None, message)
            }
            Self::KeyOfNobody => refused(
                StatusCode::BAD_REQUEST,
                "This server would not know you again, should the answer be lost: allow the cookie that comes with this one, and try \
                 again. (Programs send it, or a token; without, an Idempotency-Key is of no use.)",
            ),
            Self::KeyUsed => refused(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Another request was sent with this Idempotency-Key: give each request a key of its own.",
            ),
            Self::TooOften { does, wait } => {
                let message = format!("You {does} too often: wait a moment.");
                (StatusCode::TOO_MANY_REQUESTS, Some(wait.as_secs() + 1), message)
            }
            Self::Unknown(_) => refused(
                StatusCode::UNAUTHORIZED,
                "This server is not open to everybody: send a name and password, or a token.",
            ),
            Self::Late => refused(
                StatusCode::REQUEST_TIMEOUT,
                "Your request took too long to arrive or to answer: send it again.",
            ),
            Self::Origin => refused(
                StatusCode::FORBIDDEN,
                "This was asked by a page of another site, which may not do that.",
            ),
            Self::NotFound(what) => refused(StatusCode::NOT_FOUND, what),
            Self::Method => {
                refused(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
            }
            Self::NoRoom { full, room_in } => {
                let wait = room_in.map_or(UNKNOWN, |time| time.as_secs() + 1).min(LONGEST);
                let (status, message) = no_room(full);
                (status, Some(wait), message)
            }
            Self::NoModel(why) => (StatusCode::SERVICE_UNAVAILABLE, None, why),
            Self::Soon(why) => (StatusCode::SERVICE_UNAVAILABLE, Some(1), why.to_owned()),
            Self::Painting(why) => (StatusCode::INTERNAL_SERVER_ERROR, None, why),
            Self::Trouble(trouble, _) => {
                let status = match trouble {
                    Trouble::Full => StatusCode::INSUFFICIENT_STORAGE,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                (status, Some(UNKNOWN), told(trouble).to_owned())
            }
            Self::Inside(_) => refused(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong in the server; its host finds what in the server's log.",
            ),
        };
        (status, retry_after, Failure::message(message))
    }
}

fn no_room(full: Full) -> (StatusCode, String) {
    match full {
        Full::Owner(most) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "You have {most} generations waiting, the most that this server takes: wait for one or cancel one."
            ),
        ),
        Full::Network(most) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "{most} generations from your address wait, the most that this server takes from one: wait for one or \
                 cancel one."
            ),
        ),
        Full::Queue => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many generations wait already: try again when some of them are done.".to_owned(),
        ),
    }
}

impl IntoResponse for ApiError {
    fn into_response(mut self) -> Response {
        let mut challenges = Vec::new();
        match &mut self {
            Self::Inside(error) => tracing::error!("{}", crate::one_line(error)),
            Self::Trouble(_, error) => tracing::error!("{error}"),
            Self::Unknown(those) => challenges = mem::take(those),
            _ => {}
        }
        let (status, retry_after, failure) = self.answer();
        let retry_after = retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let mut response = (status, retry_after, axum::Json(failure)).into_response();
        for challenge in challenges {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Query(rejection)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self::Invalid(failure)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error.trouble() {
            Some(trouble) => Self::Trouble(trouble, error),
            None => Self::Inside(error.into()),
        }
    }
}
