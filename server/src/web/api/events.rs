//! `GET /jobs/{id}/events`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use super::client::Client;
use super::error::ApiError;
use super::jobs::named;
use crate::web::WebState;
use crate::web::studio::Updates;

/// Shorter than what proxies take for a connection that is dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The number of the last event that whoever comes again has seen.
const LAST: &str = "last-event-id";

/// A job's events. Whoever comes gets the current job first, and how its pictures look so far; whoever comes again with
/// `Last-Event-ID` gets of these what is newer. The job says all that was missed between.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/events",
    params(
        ("id" = String, Path, description = "The job"),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen"),
    ),
    responses(
        (status = 200, body = api::Event, content_type = "text/event-stream"),
        (status = 404, body = api::Failure),
    ),
)]
pub async fn watch(
    State(state): State<WebState>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let seen = headers.get(LAST).and_then(|seen| seen.to_str().ok()?.parse().ok());
    let updates =
        Updates::watch(state.studio.queue(), &client.owner, &named(&id)?, seen.unwrap_or_default()).await?;
    let updates = updates.ok_or(ApiError::NO_JOB)?;
    let events = stream::unfold(updates, |mut updates| async {
        let told = updates.next().await?;
        let event = Event::default().id(told.id.to_string()).event(told.name).data(&told.data);
        Some((Ok(event), updates))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}
