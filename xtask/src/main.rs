//! The project's own commands: `cargo xtask setup | serve | front | test | check | bench | dist | fuzz | schemathesis`.

mod bench;
mod check;
mod dist;
mod front;
mod fuzz;
mod place;
mod process;
mod schemathesis;
mod serve;
mod setup;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

/// The project's own commands; each fetches first what it needs and lacks
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Fetch all that the other commands need; what is there already is left alone
    Setup(SetupArgs),
    /// Build everything and serve the studio
    Serve(serve::Args),
    /// Build the front end alone, into target/site
    Front(front::Args),
    /// Run every test: Rust's, and the browser's against the real server
    Test(test::Args),
    /// Check format, lints, dependencies' licences and sources, documentation
    Check,
    /// Measure against PyTorch
    Bench(bench::Args),
    /// Pack all that a machine without Rust needs to serve the studio, and try it
    Dist(dist::Args),
    /// Give all kinds of bytes to what reads others' bytes
    Fuzz(fuzz::Args),
    /// Ask a server for all that its description allows
    Schemathesis(schemathesis::Args),
}

/// What to fetch
#[derive(clap::Args)]
struct SetupArgs {
    /// Fetch what `--device cuda` needs, and nothing else: ONNX Runtime for CUDA with CUDA 13 and cuDNN 9
    #[arg(long)]
    cuda: bool,
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Setup(SetupArgs { cuda: true }) => setup::run(setup::CUDA),
        Command::Setup(SetupArgs { cuda: false }) => setup::run(&setup::all()),
        Command::Serve(args) => serve::run(args),
        Command::Front(args) => front::run(args),
        Command::Test(args) => test::run(args),
        Command::Check => check::run(),
        Command::Bench(args) => bench::run(args),
        Command::Dist(args) => dist::run(args),
        Command::Fuzz(args) => fuzz::run(args),
        Command::Schemathesis(args) => schemathesis::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_can_be_parsed() {
        super::Command::command().debug_assert();
    }
}
