//! The command line `dense-diffusion`: parses its arguments, runs one subcommand, reports once.

mod cli;
mod files;
mod original;
mod picture;
mod prepare;
mod say;
mod web;

use std::io::Write;

fn main() {
    diffusion::report_nothing();
    let ended = cli::run();
    if let Err(error) = &ended {
        say::mention(format_args!("error: {}", one_line(error)));
    }
    let _ = std::io::stdout().flush();
    if ended.as_ref().is_err_and(|error| error.is::<cli::Interrupted>()) {
        cli::Interrupted::end();
    }
    // Skip static destructors: ONNX Runtime's break another thread that is creating a session, as when the
    // server is stopped while loading its model.
    signal_hook::low_level::exit(i32::from(ended.is_err()));
}

/// Formats an error and its causes in one line; omits a cause that its effect already mentions.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.contains(&cause) {
            let separator = if line.is_empty() { "" } else { ": " };
            line.push_str(&format!("{separator}{cause}"));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn an_error_is_one_line_that_says_nothing_twice() {
        let library = std::io::Error::other("No such file\n  (os error 2)");
        let error =
            Err::<(), _>(library).context("cannot be read: No such file (os error 2)").context("model");
        let line = super::one_line(&error.unwrap_err());
        assert_eq!(line, "model: cannot be read: No such file (os error 2)");
    }
}
