//! One file per subcommand, each with its `Args` and a `run(Args)`.

mod benchmark;
mod device;
mod embedded;
mod export;
mod generate;
mod interrupt;
mod judge;
mod pull;
mod refusal;
mod secret;
mod serve;
mod strengths;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use serde::de::DeserializeOwned;

pub use interrupt::Interrupted;

use crate::say::say;

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
    Judge(judge::Args),
    Pull(pull::Args),
    Serve(Box<serve::Args>),
    Password(secret::PasswordArgs),
    Token(secret::TokenArgs),
}

/// What can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Switch {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

/// Puts what a flag says into a request.
fn set<T: Clone>(field: &mut Option<T>, flag: &Option<T>) {
    if flag.is_some() {
        field.clone_from(flag);
    }
}

/// Parses a word of the wire format, also with hyphens, as is usual on the command line.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.replace('-', "_")))
        .map_err(|error| error.to_string())
}

/// Parses the command line and runs the subcommand it names.
pub fn run() -> anyhow::Result<()> {
    match Cli::try_parse().unwrap_or_else(|error| refusal::exit(&error, None)).command {
        Command::Generate(args) => generate::run(*args),
        Command::Export(args) => export::run(args),
        Command::Benchmark(args) => benchmark::run(*args),
        Command::Judge(args) => judge::run(args),
        Command::Pull(args) => pull::run(args),
        Command::Serve(args) => serve(*args),
        Command::Password(args) => secret::password(args),
        Command::Token(args) => secret::token(args),
    }
}

/// A settings file changes the defaults: the command line is parsed again.
fn serve(args: serve::Args) -> anyhow::Result<()> {
    const NAME: &str = "serve";
    let mut cli = Cli::command();
    let file = match (&args.config, cli.find_subcommand(NAME)) {
        (Some(path), Some(serve)) => serve::File::read(path, serve)?,
        _ => serve::File::default(),
    };
    let unknown: Vec<String> = cli.find_subcommand(NAME).into_iter().flat_map(unknown_variables).collect();
    cli = cli.mut_subcommand(NAME, |serve| file.apply(serve));
    let matches = cli.try_get_matches_from_mut(std::env::args_os());
    let matches = matches.unwrap_or_else(|error| refusal::exit(&error, args.config.as_deref()));
    let args = match Cli::from_arg_matches(&matches)?.command {
        Command::Serve(args) => args,
        _ => Box::new(args),
    };
    match (matches.subcommand_matches(NAME), cli.find_subcommand(NAME)) {
        (Some(matches), Some(serve)) if args.print_config => {
            say(file.print(serve, matches).trim_end())?;
            args.check()?;
        }
        _ => serve::run(*args, &unknown)?,
    }
    Ok(())
}

/// Environment variables that are named like settings.
fn unknown_variables(command: &clap::Command) -> impl Iterator<Item = String> {
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let is_known =
        |name: &str| command.get_arguments().any(|setting| setting.get_env() == Some(name.as_ref()));
    set.filter(move |name| name.starts_with("DENSE_DIFFUSION_") && !is_known(name))
}
