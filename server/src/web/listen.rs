//! Connections: accepting, timeouts and graceful shutdown.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::connection_limit::ConnectionLimit;

/// Maximum connections in all; the next one waits until one ends.
const CONNECTIONS: usize = 8192;

/// Files that are no connections.
const OTHER_FILES: usize = 256;

/// Timeout for the head of a request, including the next one on the same connection.
const HEAD: Duration = Duration::from_secs(60);

/// Delay after a failed accept, for lack of file descriptors, say.
const PAUSE: Duration = Duration::from_millis(100);

/// How long sent data may stay unacknowledged; event streams send something every few seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// The other end of a request's connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Connections for which there are files, of which the database and the pictures need some, too. A shell allows a process few of
/// them unless it asks for more.
fn connections() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(CONNECTIONS as u64);
    CONNECTIONS.min(usize::try_from(files).unwrap_or(CONNECTIONS).saturating_sub(OTHER_FILES).max(1))
}

/// Serves as many connections as `limit` admits until `stop`, then shuts down gracefully.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limit: Arc<ConnectionLimit>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(connections()));
    loop {
        let accept = async {
            let room = Arc::clone(&room).acquire_owned().await;
            (room, listener.accept().await)
        };
        let (room, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Some(counted) = limit.admit(peer.ip()) else {
            // Closed without a response, which would cost what this is to save.
            tracing::debug!("connection of {peer}: its address has too many");
            continue;
        };
        let _ = stream.set_nodelay(true);
        let _ = end_if_silent(&stream);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(Peer(peer));
                router.oneshot(request).await.map_err(|error: Infallible| error)
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("connection of {peer}: {error}");
            }
            drop((room, counted));
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Drops a peer that acknowledges nothing for [`SILENCE`], because it is gone or does not read.
fn end_if_silent(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_is_given_up_when_its_peer_takes_nothing() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let _peer = TcpStream::connect(listener.local_addr()?).await?;
        let (stream, _) = listener.accept().await?;
        end_if_silent(&stream)?;
        let socket = SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout()?, Some(SILENCE));
        assert!(socket.keepalive()?);
        Ok(())
    }
}
