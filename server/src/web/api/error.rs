//! Every refusal of the API, and its status.

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

/// Seconds to wait for room where nothing is known.
const UNKNOWN: u64 = 5;

/// Seconds after which it is worth another try in any case.
const LONGEST: u64 = 60;

/// Why a request has no answer but a [`Failure`].
#[derive(Debug)]
pub enum ApiError {
    /// The body is no JSON, not the JSON that is wanted, or too long.
    Body(JsonRejection),
    /// The part of the address after `?` says something else than what is asked there.
    Query(QueryRejection),
    /// The body is too long.
    Length,
    /// Fields say what is not allowed.
    Invalid(Failure),
    /// The client's key for a submission is not one.
    Key {
        /// Characters that it may have.
        longest: usize,
    },
    /// A key of a client that nobody would know again.
    KeyOfNobody,
    /// The client has used this key for another submission.
    KeyUsed,
    /// The client does something too often.
    TooOften {
        /// What.
        does: &'static str,
        /// How long it should wait.
        wait: Duration,
    },
    /// Who asks is not known; these headers say what to send.
    Unknown(Vec<HeaderValue>),
    /// It took too long.
    Late,
    /// It comes from another site's page.
    Origin,
    /// What the address names is not there, or not this client's.
    NotFound(&'static str),
    /// There is something at this address, but not for this method.
    Method,
    /// There is no room for another job.
    NoRoom {
        /// Where.
        full: Full,
        /// Until there may be some.
        room_in: Option<Duration>,
    },
    /// There will be no model.
    NoModel(String),
    /// It is not there yet, or the server is about to come back.
    Soon(&'static str),
    /// It could not be painted, for a reason that the client may know.
    Painting(String),
    /// The server cannot keep anything now; logged.
    Trouble(Trouble, StoreError),
    /// An internal error: logged, never sent.
    Inside(anyhow::Error),
}

impl ApiError {
    /// A job that is not there, or another client's.
    pub const NO_JOB: Self = Self::NotFound("There is no such generation; it may have been deleted.");

    /// Its status, the seconds after which it is worth another try, and what is said.
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
