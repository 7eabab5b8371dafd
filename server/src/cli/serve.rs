//! `dense-diffusion serve`: the studio in the browser.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use tokio::net::TcpListener;

use crate::web::{self, Site, WebState};

/// Serve the studio to the browser
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "DENSE_DIFFUSION_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// Folder of the built front end [default: `site` beside the folder of this program]
    #[arg(long, env = "LEPTOS_SITE_ROOT")]
    site: Option<PathBuf>,
}

/// Serves until interrupted.
pub fn run(args: Args) -> anyhow::Result<()> {
    let site = Site::open(args.site.unwrap_or_else(Site::default_root))?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .init();
    let runtime = tokio::runtime::Runtime::new().context("no threads for the server")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.addr).await.with_context(|| {
            format!("cannot listen on {}; is another server running? --addr takes another address", args.addr)
        })?;
        web::serve(listener, WebState::new(site)).await
    })
}
