//! `cargo xtask test`: every test there is, and a summary line.

mod count;

use std::process::Command;

use anyhow::bail;

use crate::place::Profile;
use crate::{dist, front, place, process, schemathesis, setup};
use count::Count;

/// Which tests to run
#[derive(clap::Args)]
pub struct Args {
    /// Only the browser's tests
    #[arg(long, conflicts_with = "rust")]
    browser: bool,
    /// Only Rust's tests
    #[arg(long)]
    rust: bool,
    #[command(flatten)]
    front: front::Args,
}

/// Runs the tests; the last line printed is `N passed, N failed`, with `, N skipped` if there are any.
pub fn run(args: Args) -> anyhow::Result<()> {
    setup::run(setup::TEST)?;
    front::run(args.front)?;
    let mut count = Count::default();
    if !args.browser {
        // This program's own tests apart: so it is not rebuilt with the others' features.
        count += rust(&["--workspace", "--exclude", "xtask"])?;
        count += rust(&["--package", "xtask"])?;
        count += renderer()?;
        count += one("the interface's tests: schemathesis run", schemathesis::try_briefly);
        count += one("the archive's test: pack it, unpack it, use it", dist::try_packing);
    } else {
        process::build_server(Profile::Dev)?;
    }
    if !args.rust {
        count += browser()?;
    }
    println!("\n{count}");
    if count.failed > 0 {
        bail!("tests failed");
    }
    Ok(())
}

fn rust(which: &[&str]) -> anyhow::Result<Count> {
    println!("\nRust's tests: cargo test {}", which.join(" "));
    let mut count = Count::default();
    let mut cargo = process::cargo();
    cargo.args(["test", "--no-fail-fast"]).args(which);
    setup::with_library(&mut cargo)?;
    let succeeded = process::watch(&mut cargo, |line| count += Count::of_cargo_line(line))?;
    Ok(count.or_broken(succeeded))
}

/// The renderer's tests. The networks' need PyTorch, several gigabytes; see training/README.md.
fn renderer() -> anyhow::Result<Count> {
    println!("\nthe renderer's tests: pytest training/tests/test_renderer.py");
    let mut count = Count::default();
    let mut pytest = Command::new(setup::Environment::tests().python());
    pytest.args(["-m", "pytest", "-p", "no:cacheprovider", "tests/test_renderer.py"]);
    pytest.current_dir(place::root().join("training"));
    let succeeded = process::watch(&mut pytest, |line| count += Count::of_pytest_line(line))?;
    Ok(count.or_broken(succeeded))
}

/// Counts a program that tries something as a whole as one test.
fn one(what: &str, test: impl FnOnce() -> anyhow::Result<()>) -> Count {
    println!("\n{what}");
    let tried = test();
    if let Err(error) = &tried {
        println!("{error:#}");
    }
    Count { passed: tried.is_ok().into(), failed: tried.is_err().into(), skipped: 0 }
}

fn browser() -> anyhow::Result<Count> {
    println!("\nthe browser's tests: playwright test");
    let report = place::target().join("playwright.json");
    let _ = std::fs::remove_file(&report);
    let mut playwright = setup::npx();
    playwright
        .args(["playwright", "test", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("DENSE_DIFFUSION", place::server(Profile::Dev))
        .env("LEPTOS_SITE_ROOT", place::site());
    if let Some(chromium) = setup::chromium()? {
        playwright.env("CHROMIUM", chromium);
    }
    setup::with_library(&mut playwright)?;
    let succeeded = process::watch(&mut playwright, |_| {})?;
    let count = std::fs::read(&report).ok().and_then(|json| Count::of_playwright(&json)).unwrap_or_default();
    Ok(count.or_broken(succeeded))
}
