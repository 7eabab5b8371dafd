//! The application's pages, rendered with what the server knows.

use any_spawner::Executor;
use app::{Content, Page};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::prelude::provide_context;

use super::{WebState, api, headers};

/// The routes of the pages.
pub fn router() -> Router<WebState> {
    // What leptos renders with; that another has set it already is fine.
    let _ = Executor::init_tokio();
    Router::new().route("/", get(studio)).route("/shared/{token}", get(shared))
}

async fn studio(State(state): State<WebState>, request: Request) -> Response {
    render(&state, Content::Studio, request).await
}

async fn shared(
    State(state): State<WebState>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, api::ApiError> {
    match api::find_shared(&state, &token).await {
        Ok(job) => Ok(render(&state, Content::Shared { token, job }, request).await),
        Err(api::ApiError::NotFound(_)) => Ok(not_found(State(state), request).await),
        Err(error) => Err(error),
    }
}

/// The page for unknown addresses.
pub async fn not_found(State(state): State<WebState>, request: Request) -> Response {
    (StatusCode::NOT_FOUND, render(&state, Content::NotFound, request).await).into_response()
}

async fn render(state: &WebState, content: Content, request: Request<Body>) -> Response {
    let page = Page { status: state.status(), content };
    let (options, words) = (state.options.clone(), state.studio.words());
    let context = move || {
        provide_context(page.clone());
        headers::content_security_policy();
    };
    let render =
        leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone(), &words));
    render(request).await
}
