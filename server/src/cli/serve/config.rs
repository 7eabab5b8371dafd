//! Settings of `serve` in order of precedence: flags, environment, TOML file, defaults.
//!
//! The file's keys are the flags' names. Its values become the defaults of the command line's arguments, so that the same
//! parser reads and refuses them all.

use std::path::Path;

use anyhow::{Context, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

/// Arguments that concern the settings but are none themselves.
const ABOUT: [&str; 4] = ["config", "print-config", "help", "version"];

/// A file of settings.
#[derive(Debug, Default)]
pub struct File(Table);

impl File {
    /// Reads a file and checks its keys against the arguments of `serve`.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has a key or a value that no argument accepts.
    pub fn read(path: &Path, serve: &Command) -> anyhow::Result<Self> {
        let context = || format!("the settings in {}", path.display());
        let text = std::fs::read_to_string(path).with_context(context)?;
        let table: Table = text.parse().with_context(context)?;
        for (key, value) in &table {
            if !settings(serve).any(|(name, _)| name == key) {
                let names: Vec<_> = settings(serve).map(|(name, _)| name).collect();
                bail!("{}: there is no setting {key}; there are {}", context(), names.join(", "));
            }
            values(value).with_context(|| format!("{}: {key}", context()))?;
        }
        Ok(Self(table))
    }

    /// The arguments of `serve`, with the file's values as defaults.
    pub fn apply(&self, mut serve: Command) -> Command {
        for (key, value) in &self.0 {
            let id = settings(&serve).find(|(name, _)| name == key).map(|(_, arg)| arg.get_id().clone());
            if let (Some(id), Ok(values)) = (id, values(value)) {
                serve = serve.mut_arg(id, |arg| arg.default_values(values));
            }
        }
        serve
    }

    /// All settings in the file's format, each with its source.
    pub fn print(&self, serve: &Command, matches: &ArgMatches) -> String {
        let line = |(name, arg): (&str, &Arg)| {
            let id = arg.get_id().as_str();
            let given = matches.get_raw(id).into_iter().flatten();
            let given: Vec<Value> = given.map(|value| toml_value(&value.to_string_lossy())).collect();
            let source = match matches.value_source(id) {
                Some(ValueSource::CommandLine) => "flag",
                Some(ValueSource::EnvVariable) => "environment",
                _ if self.0.contains_key(name) => "file",
                Some(_) => "default",
                None => return format!("# {name} is not set\n"),
            };
            let value = match (&given[..], arg.get_action()) {
                ([one], ArgAction::Set) => one.clone(),
                _ => Value::Array(given),
            };
            format!("{name} = {value} # {source}\n")
        };
        settings(serve).map(line).collect()
    }
}

/// The arguments that are settings, by name.
fn settings(serve: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    let named = serve.get_arguments().filter_map(|arg| Some((arg.get_long()?, arg)));
    named.filter(|(name, _)| !ABOUT.contains(name))
}

/// Formats a value of the file as a command-line argument.
fn values(value: &Value) -> anyhow::Result<Vec<String>> {
    Ok(match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Array(values) => {
            let values = values.iter().map(self::values).collect::<anyhow::Result<Vec<_>>>()?;
            values.into_iter().flatten().collect()
        }
        other => bail!("takes a text, a whole number or a list of these, not a {}", other.type_str()),
    })
}

fn toml_value(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::String(text.to_owned()), Value::Integer)
}
