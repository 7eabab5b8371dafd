//! One file per subcommand, each with its `Args` and a `run(Args)`.

mod serve;

use clap::{Parser, Subcommand};

/// Paints a picture from a text and a drawn layout: each region of the drawing shows what its phrase says.
#[derive(Debug, Parser)]
#[command(name = "dense-diffusion", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
}

/// Parses the command line and runs the subcommand it names.
pub fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args),
    }
}
