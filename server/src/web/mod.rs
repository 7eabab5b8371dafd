//! The studio over HTTP: pages, server functions, static files, the API.

mod api;
mod headers;
mod pages;
mod site;
mod state;
mod studio;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::routing::get;
use axum::{Router, middleware};
use leptos_axum::{LeptosRoutes, generate_route_list};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_http::compression::CompressionLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tracing::Level;

pub use site::Site;
pub use state::WebState;
pub use studio::{ModelPlace, Settings, Studio};

/// How long open requests may take to end after an interrupt.
const GRACE: Duration = Duration::from_secs(5);

/// Answers requests on `listener` until interrupted, then lets the open ones end.
///
/// # Errors
/// If the listener's address cannot be told, or accepting connections fails for good.
pub async fn serve(listener: TcpListener, state: WebState) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the server's own address cannot be told")?;
    println!("The studio is at http://{address} (ctrl-c stops it)");
    let interrupt = Arc::new(Notify::new());
    let interrupted = Arc::clone(&interrupt);
    let studio = Arc::clone(&state.studio);
    let server = axum::serve(listener, router(state)).with_graceful_shutdown(async move {
        interrupt_signal().await;
        // Lets go of whoever watches a job, who would otherwise never end.
        studio.queue().close().await;
        interrupt.notify_one();
    });
    let too_long = async {
        interrupted.notified().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = server.into_future() => done.context("the server stopped"),
        () = too_long => Ok(()),
    }
}

/// All routes: the application's own pages and server functions, static files, and a page for whatever else is asked.
fn router(state: WebState) -> Router {
    let context = {
        let state = state.clone();
        move || {
            state.provide_context();
            headers::content_security_policy();
        }
    };
    let pages = generate_route_list(app::App);
    let options = state.options.clone();
    let shell = move || app::shell(options.clone());
    let not_found = pages::not_found(context.clone(), shell.clone());
    let router = Router::new()
        .route("/healthz", get(async || "ok"))
        .nest(::api::ROOT, api::router())
        .leptos_routes_with_context(&state, pages, context, shell)
        .nest_service(&format!("/{}", state.site.package()), state.site.package_files())
        .fallback_service(state.site.files().fallback(not_found))
        .layer(middleware::from_fn(api::greet))
        .layer(CompressionLayer::new().compress_when(site::worth_compressing()))
        // The cause of a failure is logged where it is known; that the model is still being loaded is none.
        .layer(TraceLayer::new_for_http().on_failure(DefaultOnFailure::new().level(Level::INFO)))
        .with_state(state);
    headers::add_fixed(router)
}

/// Completes on ctrl-c and, on Unix, on SIGTERM.
async fn interrupt_signal() {
    let ctrl_c = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!("ctrl-c cannot be listened to: {error}");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}
