//! Pages that no route of the application answers.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any};
use leptos::IntoView;

/// Renders the application, whose router then shows its "no such page", with status 404.
pub fn not_found<V: IntoView + 'static>(
    context: impl Fn() + Clone + Send + Sync + 'static,
    shell: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> MethodRouter {
    let render = leptos_axum::render_app_async_with_context(context, shell);
    any(move |request: Request<Body>| {
        let page = render(request);
        async move { (StatusCode::NOT_FOUND, page.await).into_response() }
    })
}
