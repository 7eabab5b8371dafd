//! `cargo xtask serve`: the studio, built and running.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::place::Profile;
use crate::{front, place, process, setup};

/// Where and how to serve
#[derive(clap::Args)]
pub struct Args {
    /// Port on this machine
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,
    /// Address and port, for others than this machine, too
    #[arg(long, conflicts_with = "port")]
    addr: Option<SocketAddr>,
    /// Build as for hosting: slowly, fast and small
    #[arg(long)]
    release: bool,
    /// Further arguments of `dense-diffusion serve`
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds front end and server and becomes the server.
pub fn run(args: Args) -> anyhow::Result<()> {
    let address = args.addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], args.port)));
    // Fails now rather than after minutes of building.
    drop(TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}; if another server runs there: `cargo xtask serve --port 3001`")
    })?);
    let mut server = Command::new(build(if args.release { Profile::Release } else { Profile::Dev })?);
    server.args(["serve", "--addr", &address.to_string(), "--site"]).arg(place::site()).args(args.rest);
    setup::with_library(&mut server)?;
    become_program(server)
}

/// Fetches what is needed, builds front end and server, and returns the server's path.
///
/// # Errors
/// If something cannot be fetched or compiled.
pub fn build(profile: Profile) -> anyhow::Result<PathBuf> {
    setup::run(match profile {
        Profile::Dev => setup::SERVE,
        Profile::Release => setup::HOST,
    })?;
    front::build(profile)?;
    process::build_server(profile)
}

/// Replaces this program, so that ctrl-c reaches the server and nothing else.
#[cfg(unix)]
fn become_program(mut command: Command) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("the server cannot be started")
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> anyhow::Result<()> {
    process::run(&mut command)
}
