//! `dense-diffusion password` and `token`: what a server that is not open to everybody is configured with.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};

use crate::web;

/// Hash a password, read from standard input, for `serve --user`
#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// The user's name
    name: String,
}

/// Make a token for a program, and its hash for `serve --token`
#[derive(Debug, clap::Args)]
pub struct TokenArgs {}

/// Prints a user as `serve` takes it.
pub fn password(PasswordArgs { name }: PasswordArgs) -> anyhow::Result<()> {
    if std::io::stdin().is_terminal() {
        eprintln!("The password, which will be seen here, and Enter:");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("a password comes in one line on standard input");
    }
    println!("{}", web::user(&name, password)?);
    Ok(())
}

/// Prints a token and its hash.
pub fn token(_: TokenArgs) -> anyhow::Result<()> {
    let (token, hash) = web::token();
    println!("token, for the program (it is kept nowhere): {token}");
    println!("hash, for the server's configuration: {hash}");
    Ok(())
}
