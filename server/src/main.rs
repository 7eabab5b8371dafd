//! The command line `dense-diffusion`: parses its arguments, runs one subcommand, reports once.

mod cli;
mod picture;
mod web;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whatever a library says in several lines, a user gets one.
            let line: Vec<String> = format!("{error:#}").lines().map(|line| line.trim().to_owned()).collect();
            eprintln!("error: {}", line.join(" "));
            ExitCode::FAILURE
        }
    }
}
