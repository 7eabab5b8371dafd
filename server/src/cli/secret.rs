//! `dense-diffusion password` and `token`: credentials for a server that is not open to everybody.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};

use crate::say::say;
use crate::web;

/// Hash a password, typed unseen or read from standard input, for `serve --user`
#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// The user's name
    name: String,
}

/// Make a token for a program, and its hash for `serve --token`
#[derive(Debug, clap::Args)]
pub struct TokenArgs {}

/// Prints a user in the format of `serve`.
pub fn password(PasswordArgs { name }: PasswordArgs) -> anyhow::Result<()> {
    let password = read_password().context("the password cannot be read")?;
    if password.is_empty() {
        bail!("the password is empty: it comes in one line");
    }
    say(web::user(&name, &password)?)?;
    Ok(())
}

/// Reads a line: from the terminal without echo, or else from standard input.
fn read_password() -> std::io::Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Prints a token and its hash.
pub fn token(_: TokenArgs) -> anyhow::Result<()> {
    let (token, hash) = web::token();
    say(format_args!("token, for the program (it is kept nowhere): {token}"))?;
    say(format_args!("hash, for the server's configuration: {hash}"))?;
    Ok(())
}
