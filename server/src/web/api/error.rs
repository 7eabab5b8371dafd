//! Every refusal of the API, and its status.

use std::error::Error;
use std::time::Duration;

use api::Failure;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jobs::{Full, StoreError, Trouble};

use super::json::plain;
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
    /// The client has used this key for another submission.
    KeyUsed,
    /// The client has asked too often; how long it should wait.
    TooOften(Duration),
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

    fn status(&self) -> StatusCode {
        match self {
            Self::Body(rejection) => rejection.status(),
            Self::Query(rejection) => rejection.status(),
            Self::Length => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Key { .. } => StatusCode::BAD_REQUEST,
            Self::Invalid(_) | Self::KeyUsed => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unknown(_) => StatusCode::UNAUTHORIZED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoRoom { full: Full::Queue, .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoRoom { .. } | Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Trouble(Trouble::Full, _) => StatusCode::INSUFFICIENT_STORAGE,
            Self::NoModel(_) | Self::Soon(_) | Self::Trouble(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Painting(_) | Self::Inside(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which it is worth another try.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Soon(_) => Some(1),
            Self::TooOften(wait) => Some(wait.as_secs() + 1),
            Self::Trouble(..) => Some(UNKNOWN),
            Self::NoRoom { room_in, .. } => {
                Some(room_in.map_or(UNKNOWN, |time| time.as_secs() + 1).min(LONGEST))
            }
            _ => None,
        }
    }

    fn failure(self) -> Failure {
        let message = match self {
            Self::Invalid(failure) => return failure,
            Self::Body(JsonRejection::JsonDataError(error)) => {
                let said = error.source().map(ToString::to_string).unwrap_or_default();
                format!("The request is not valid: {}.", plain(&said))
            }
            Self::Body(rejection) => rejection.body_text(),
            Self::Query(rejection) => rejection.body_text(),
            Self::Length => format!(
                "This is too long; the longest request takes {} MiB, and some less.",
                MAX_REQUEST >> 20
            ),
            Self::Key { longest } => {
                format!("An Idempotency-Key has 1 to {longest} printable ASCII characters.")
            }
            Self::KeyUsed => {
                "Another request was sent with this Idempotency-Key: give each request a key of its own."
                    .to_owned()
            }
            Self::TooOften(_) => "You ask too often: wait a moment.".to_owned(),
            Self::Unknown(_) => {
                "This server is not open to everybody: send a name and password, or a token.".to_owned()
            }
            Self::Late => "Your request took too long to arrive or to answer: send it again.".to_owned(),
            Self::Origin => "This was asked by a page of another site, which may not do that.".to_owned(),
            Self::NotFound(what) => what.to_owned(),
            Self::Method => "This address does not take this method.".to_owned(),
            Self::NoRoom { full: Full::Owner(most), .. } => {
                format!(
                    "You have {most} generations waiting, the most that this server takes: wait for one or cancel one."
                )
            }
            Self::NoRoom { full: Full::Network(most), .. } => format!(
                "{most} generations from your address wait, the most that this server takes from one: wait for one or \
                 cancel one."
            ),
            Self::NoRoom { full: Full::Queue, .. } => {
                "Too many generations wait already: try again when some of them are done.".to_owned()
            }
            Self::Trouble(trouble, _) => told(trouble).to_owned(),
            Self::NoModel(why) | Self::Painting(why) => why,
            Self::Soon(why) => why.to_owned(),
            Self::Inside(_) => {
                "Something went wrong in the server; its host finds what in the server's log.".to_owned()
            }
        };
        Failure::message(message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Inside(error) => tracing::error!("{}", crate::one_line(error)),
            Self::Trouble(_, error) => tracing::error!("{error}"),
            _ => {}
        }
        let (status, retry_after) = (self.status(), self.retry_after());
        let challenges = match &self {
            Self::Unknown(challenges) => challenges.clone(),
            _ => Vec::new(),
        };
        let retry_after = retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let mut response = (status, retry_after, axum::Json(self.failure())).into_response();
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
