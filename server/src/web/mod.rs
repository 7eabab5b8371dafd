//! The studio over HTTP: pages, static files, the API.

mod access;
mod address;
mod api;
mod connection_limit;
mod gate;
mod headers;
mod health;
mod hosting;
mod limit;
mod listen;
mod metrics;
mod pages;
mod sdapi;
mod site;
mod state;
mod studio;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::routing::{any, get};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_http::compression::CompressionLayer;

use crate::say::say;

pub use access::{Access, token, user};
pub use address::Proxies;
pub use connection_limit::ConnectionLimit;
pub use hosting::{Hosting, Public, key};
pub use limit::Limiter;
pub use site::Site;
pub use state::WebState;
pub use studio::{Blocked, ModelPlace, Settings, Studio, Upkeep};

/// How long open requests may take to end after an interrupt.
const GRACE: Duration = Duration::from_secs(5);

/// How long the current step may take after everything else has ended.
const LAST_STEP: Duration = Duration::from_secs(10);

/// Interval for forgetting inactive clients.
const TIDY: Duration = Duration::from_secs(60);

/// Serves `listener` until interrupted, then shuts down gracefully; serves the metrics on `metrics`.
///
/// # Errors
/// The listener's address is unknown, or signals cannot be handled.
pub async fn serve(
    listener: TcpListener,
    metrics: Option<TcpListener>,
    state: WebState,
) -> anyhow::Result<()> {
    // Before anybody can know that there is something to interrupt.
    let interrupt_signal = interrupt_signal().context("Ctrl-C cannot be listened to")?;
    let address = listener.local_addr().context("the server's own address cannot be told")?;
    let _ = say(format_args!("The studio is at http://{address} (ctrl-c stops it)"));
    if let Some(metrics) = metrics {
        let address = metrics.local_addr().context("the server's own address cannot be told")?;
        let _ = say(format_args!("Its measurements are at http://{address}/metrics"));
        let router = Router::new().route("/metrics", get(health::metrics)).with_state(state.clone());
        let limit = Arc::new(ConnectionLimit::new(0, Proxies::default()));
        tokio::spawn(listen::serve(metrics, router, limit, std::future::pending()));
    }
    let hosting = Arc::clone(&state.hosting);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(TIDY).await;
            hosting.forget();
        }
    });
    let interrupt = Arc::new(Notify::new());
    let interrupted = Arc::clone(&interrupt);
    let (studio, painting) = (Arc::clone(&state.studio), Arc::clone(&state.studio));
    let limit = Arc::clone(&state.hosting.connections);
    let server = listen::serve(listener, router(state), limit, async move {
        interrupt_signal.await;
        tracing::info!("the server was asked to end");
        // Disconnects watchers, whose streams would never end.
        studio.queue().close().await;
        interrupt.notify_one();
    });
    let too_long = async {
        interrupted.notified().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = too_long => {}
        () = painting.stall() => {
            anyhow::bail!("a step takes longer than --lease allows: the server ends, so that another can take the job up again")
        }
    }
    // The painter may be about to write, which needs a runtime.
    painting.rest(LAST_STEP).await;
    Ok(())
}

/// All routes: the application's pages, the API, static files, and a page for all others.
fn router(state: WebState) -> Router {
    let is_secure = state.hosting.is_secure();
    let not_found = any(pages::not_found).with_state(state.clone());
    let router = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(health::ready))
        .nest(::api::ROOT, api::router())
        .nest(sdapi::ROOT, sdapi::router())
        .merge(pages::router())
        .nest_service(&format!("/{}", state.site.package()), state.site.package_files())
        .fallback_service(state.site.files().fallback(not_found))
        .layer(middleware::from_fn_with_state(state.clone(), api::check))
        .layer(middleware::from_fn_with_state(state.clone(), api::greet))
        .layer(CompressionLayer::new().compress_when(site::worth_compressing()))
        .layer(middleware::from_fn_with_state(state.clone(), gate::pass))
        .with_state(state);
    headers::add_fixed(router, is_secure)
}

/// Starts listening to Ctrl-C and, on Unix, SIGTERM and SIGHUP (a closed terminal); the returned future
/// completes at the first signal.
#[cfg(unix)]
fn interrupt_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = (!is_hangup_ignored()).then(|| signal(SignalKind::hangup())).transpose()?;
    let hung_up = async move {
        match &mut hangup {
            Some(hangup) => drop(hangup.recv().await),
            None => std::future::pending().await,
        }
    };
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {}
        }
    })
}

/// Should the server outlive its terminal? `nohup` ignores SIGHUP, which Linux reports.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Signal 1 (SIGHUP) is the lowest bit.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
fn interrupt_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move { drop(interrupt.recv().await) })
}
