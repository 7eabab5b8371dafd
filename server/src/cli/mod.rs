//! One file per subcommand, each with its `Args` and a `run(Args)`.

mod benchmark;
mod export;
mod generate;
mod pull;
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
    Generate(Box<generate::Args>),
    Export(export::Args),
    Benchmark(Box<benchmark::Args>),
    Pull(pull::Args),
    Serve(serve::Args),
}

/// Parses the command line and runs the subcommand it names.
pub fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Generate(args) => generate::run(*args),
        Command::Export(args) => export::run(args),
        Command::Benchmark(args) => benchmark::run(*args),
        Command::Pull(args) => pull::run(args),
        Command::Serve(args) => serve::run(args),
    }
}
