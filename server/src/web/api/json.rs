//! JSON and query extractors that reject with [`ApiError`].

use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::LONGEST;
use super::error::ApiError;

/// A JSON body, which must arrive in time, however long the response may take.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T, S: Send + Sync> FromRequest<S> for Json<T>
where
    axum::Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        within(LONGEST, axum::Json::from_request(request, state)).await
    }
}

async fn within<T>(
    longest: Duration,
    body: impl Future<Output = Result<axum::Json<T>, JsonRejection>>,
) -> Result<Json<T>, ApiError> {
    let axum::Json(body) = tokio::time::timeout(longest, body).await.map_err(|_| ApiError::Late)??;
    Ok(Json(body))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The query string.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use axum::http::header;
    use futures_util::stream;

    use super::*;

    async fn read(body: Body, longest: Duration) -> Result<Json<u32>, ApiError> {
        let request = Request::post("/").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        within(longest, axum::Json::from_request(request, &())).await
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_refused() {
        assert!(matches!(read("7".into(), LONGEST).await, Ok(Json(7))));
        let never = Body::from_stream(stream::pending::<Result<&[u8], Infallible>>());
        assert!(matches!(read(never, Duration::ZERO).await, Err(ApiError::Late)));
    }
}
