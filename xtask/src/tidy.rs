//! Repository rules as code.

use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::{place, process};

/// Longer files get a warning: split them while it is easy.
const LONG: usize = 300;
/// Longer files are refused.
const TOO_LONG: usize = 500;
const SOURCE: [&str; 4] = ["rs", "ts", "py", "css"];

/// Checks every file that git tracks.
///
/// # Errors
/// The files that break a rule.
pub fn run() -> anyhow::Result<()> {
    let listed = process::quiet(Command::new("git").arg("ls-files").current_dir(place::root()))?;
    let mut broken = Vec::new();
    for name in listed.lines() {
        let path = place::root().join(name);
        // Not UTF-8, a dangling link, removed but not yet committed: no source to judge.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        match judge(Path::new(name), &text) {
            Verdict::Fine => {}
            Verdict::Warn(what) => println!("  {name}: {what}"),
            Verdict::Refuse(what) => broken.push(format!("  {name}: {what}")),
        }
    }
    if !broken.is_empty() {
        bail!("against the repository's rules:\n{}", broken.join("\n"));
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    Warn(String),
    Refuse(String),
}

fn judge(name: &Path, text: &str) -> Verdict {
    let is_source = name.extension().is_some_and(|it| SOURCE.iter().any(|source| it == *source));
    if !is_source {
        return Verdict::Fine;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        return Verdict::Refuse("the last line does not end".to_owned());
    }
    match text.lines().count() {
        lines if lines > TOO_LONG => Verdict::Refuse(format!("{lines} lines, {TOO_LONG} are the most")),
        lines if lines > LONG => Verdict::Warn(format!("{lines} lines: better split it")),
        _ => Verdict::Fine,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{LONG, TOO_LONG, Verdict, judge};

    #[test]
    fn a_long_file_is_pointed_out_and_a_too_long_one_refused() {
        let lines = |count| "x\n".repeat(count);
        let name = Path::new("src/lib.rs");
        assert_eq!(judge(name, &lines(LONG)), Verdict::Fine);
        assert!(matches!(judge(name, &lines(LONG + 1)), Verdict::Warn(_)));
        assert!(matches!(judge(name, &lines(TOO_LONG + 1)), Verdict::Refuse(_)));
    }

    #[test]
    fn data_may_be_of_any_length() {
        assert_eq!(judge(Path::new("vocab.json"), &"x\n".repeat(TOO_LONG + 1)), Verdict::Fine);
    }

    #[test]
    fn a_source_whose_last_line_does_not_end_is_refused() {
        assert!(matches!(judge(Path::new("a.py"), "x = 1"), Verdict::Refuse(_)));
    }
}
