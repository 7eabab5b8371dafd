//! `dense-diffusion serve`: the studio in the browser.

use std::net::SocketAddr;

/// Serve the studio to the browser
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "DENSE_DIFFUSION_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
}

/// Serves until interrupted.
pub fn run(args: Args) -> anyhow::Result<()> {
    anyhow::bail!("the studio cannot be served on {} yet", args.addr)
}
