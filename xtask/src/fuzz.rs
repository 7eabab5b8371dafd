//! `cargo xtask fuzz`: fuzzes whatever reads untrusted bytes.
//!
//! Uses libFuzzer with coverage that every toolchain has; neither nightly nor cargo-fuzz is needed.

use std::fs;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::{place, process};

/// The readers of untrusted bytes, each with its own corpus.
const TARGETS: [&str; 7] =
    ["layout_picture", "lora", "png_texts", "project", "request_json", "safetensors", "single_file"];

/// As in cargo-fuzz.
const COVERAGE: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// What to fuzz, and for how long
#[derive(clap::Args)]
pub struct Args {
    /// Seconds for each target
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// Keep in fuzz/corpus the smallest inputs that cover what was found until now, instead of fuzzing
    #[arg(long)]
    merge: bool,
    /// Only this one
    #[arg(long, value_parser = TARGETS)]
    target: Option<String>,
}

/// Fuzzes each target, starting from `fuzz/corpus`; inputs that cover more are kept in `target/fuzz/corpus`
/// for the next run, and can be merged. The server's tests read the corpora too, without a fuzzer.
pub fn run(args: Args) -> anyhow::Result<()> {
    let said = process::quiet(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc tells no host")?;
    let folder = place::root().join("fuzz");
    let built = place::target().join("fuzz");
    let mut cargo = process::cargo();
    cargo.current_dir(&folder).env("RUSTFLAGS", COVERAGE);
    // With an explicit target, so that build scripts and macros are compiled without coverage.
    cargo.args(["build", "--release", "--target", host, "--target-dir"]).arg(&built);
    process::run(&mut cargo)?;
    let mut found = Vec::new();
    for target in TARGETS.iter().filter(|&&target| args.target.as_deref().is_none_or(|only| only == target)) {
        let (seeds, findings) = (folder.join("corpus").join(target), folder.join("findings").join(target));
        let corpus = built.join("corpus").join(target);
        fs::create_dir_all(&findings)?;
        fs::create_dir_all(&corpus)?;
        let mut fuzzer = Command::new(built.join(host).join("release").join(target));
        if args.merge {
            println!("fuzz: {target}, merged into its corpus");
            fuzzer.args([&seeds, &corpus]).args(["-set_cover_merge=1", "-timeout=20", "-verbosity=0"]);
            // One input for each place in the code, not for each number of visits: small enough for git.
            fuzzer.arg("-use_counters=0");
            process::run(&mut fuzzer)?;
            continue;
        }
        println!("fuzz: {target}, {} s", args.seconds);
        fuzzer.args([&corpus, &seeds]).arg(format!("-max_total_time={}", args.seconds));
        fuzzer.arg(format!("-artifact_prefix={}/", findings.display()));
        fuzzer.args(["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
        if let Err(error) = process::run(&mut fuzzer) {
            eprintln!("{error:#}");
            found.push(*target);
        }
    }
    ensure!(found.is_empty(), "findings, in fuzz/findings: {}", found.join(", "));
    if !args.merge {
        println!("fuzz: nothing found");
    }
    Ok(())
}
