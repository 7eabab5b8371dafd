//! Errors of the command-line parser, with the source of a value from the environment or a settings file,
//! which it omits.

use std::path::Path;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, CommandFactory};

use super::Cli;
use crate::say::mention;

/// Prints the error and exits as the parser would.
pub fn exit(error: &clap::Error, settings: Option<&Path>) -> ! {
    if let Some(place) = place(error, settings) {
        mention(format_args!("{place}:"));
    }
    error.exit()
}

/// The source of the refused value, if not the command line.
fn place(error: &clap::Error, settings: Option<&Path>) -> Option<String> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let (flag, value) = (context(ContextKind::InvalidArg)?, context(ContextKind::InvalidValue)?);
    let name = flag.strip_prefix("--")?.split([' ', '=']).next()?;
    let is_it = |argument: &str| {
        argument
            .strip_prefix("--")
            .and_then(|it| it.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    if std::env::args_os().any(|argument| argument.to_str().is_some_and(is_it)) {
        return None;
    }
    let cli = Cli::command();
    let arguments = || cli.get_subcommands().flat_map(clap::Command::get_arguments);
    let variable = arguments().filter(|it| it.get_long() == Some(name)).find_map(Arg::get_env)?;
    let is_set = std::env::var_os(variable).is_some_and(|set| set.to_string_lossy().contains(value));
    match settings {
        _ if is_set => Some(format!("the variable {}", variable.display())),
        Some(path) => Some(format!("the settings in {}", path.display())),
        None => None,
    }
}
