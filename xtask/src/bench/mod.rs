//! `cargo xtask bench`: ours beside the alternatives, on the same machine in the same run.

mod cuda;
mod cuda_pictures;
mod full_size;
mod op;
mod scenes;
mod table;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::{place, process, setup};

/// What to measure
#[derive(clap::Args)]
pub struct Args {
    /// A checkpoint in the diffusers layout [default: random weights of SD 1.5's full size, made on first use]
    #[arg(long)]
    model: Option<PathBuf>,
    /// Timed steps, of which the median counts
    #[arg(long, default_value_t = 3)]
    steps: u32,
    /// Side of the picture in pixels
    #[arg(long, default_value_t = 512)]
    side: u32,
    /// Measure on the GPU instead: the op's problems, its times and whole pictures beside PyTorch's
    #[arg(long, conflicts_with_all = ["steps", "side", "op"])]
    cuda: bool,
    /// Measure the op alone on the CPU, beside ONNX Runtime's and PyTorch's attention
    #[arg(long, conflicts_with_all = ["model", "steps", "side"])]
    op: bool,
    /// Measure whole pictures of the embedded model, and the time from start to first picture
    #[arg(long, conflicts_with_all = ["model", "steps", "side", "op", "cuda"])]
    scenes: bool,
}

/// The Python with PyTorch and diffusers (`fixtures/requirements.txt`); several gigabytes if it must be made.
const PYTHON_VARIABLE: &str = "BENCH_PYTHON";

/// Measures and prints a table.
pub fn run(args: Args) -> anyhow::Result<()> {
    if args.cuda {
        return cuda::run(args.model);
    }
    if args.op {
        return op::run();
    }
    if args.scenes {
        return scenes::run();
    }
    full_size::run(&args)
}

/// The folder of prebuilt examples, for machines without Rust.
const EXAMPLES_VARIABLE: &str = "BENCH_EXAMPLES";

/// An example of a crate, prebuilt or run by cargo; its arguments are still to come.
fn example(package: &str, name: &str) -> anyhow::Result<Command> {
    let mut command = match std::env::var_os(EXAMPLES_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => Command::new(PathBuf::from(folder).join(name)),
        None => {
            let mut cargo = process::cargo();
            cargo.args(["run", "--quiet", "--package", package, "--example", name, "--"]);
            cargo
        }
    };
    setup::with_library(&mut command)?;
    Ok(command)
}

/// The JSON that a program prints as its last line.
fn measured(command: &mut Command) -> anyhow::Result<Value> {
    measured_of(command, "")
}

/// As [`measured`], for a program that reads `input`.
fn measured_of(command: &mut Command, input: &str) -> anyhow::Result<Value> {
    println!("measuring: {}", process::describe(command));
    let output = process::fed(command, input)?;
    let line = output.lines().last().context("nothing was printed")?;
    Ok(serde_json::from_str(line)?)
}

fn python() -> anyhow::Result<PathBuf> {
    if let Some(python) = place::file_from_env(PYTHON_VARIABLE)? {
        return Ok(python);
    }
    let environment = setup::Environment::named("torch");
    let python = environment.python();
    if process::quiet(Command::new(&python).args(["-c", "import torch, diffusers"])).is_err() {
        println!(
            "fetching PyTorch and diffusers from PyPI, several gigabytes ({PYTHON_VARIABLE} names a Python that has them)"
        );
        environment.make()?;
        let requirements = place::root().join("fixtures/requirements.txt").display().to_string();
        environment.install(&[], &["-r", &requirements])?;
        // For CLIP's vocabulary alone, without its dependencies.
        environment.install(&["open_clip_torch==3.3.0"], &["--no-deps"])?;
    }
    Ok(python)
}
