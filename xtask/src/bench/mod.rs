//! `cargo xtask bench`: Stable Diffusion 1.5's full size, beside diffusers' PyTorch on the same machine in the same run.

mod cuda;
mod cuda_pictures;
mod op;
mod scenes;

use std::path::{Path, PathBuf};
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

/// Measures both and prints the table.
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
    setup::run(setup::BENCH)?;
    let python = python()?;
    let model = match args.model {
        Some(model) => model,
        None => full_size_checkpoint(&python, "float32")?,
    };
    let (steps, side) = (args.steps.to_string(), args.side.to_string());

    let graphs = place::target().join("bench/full-size-graphs");
    if graphs.exists() {
        std::fs::remove_dir_all(&graphs)?;
    }
    let step_time = |steps: &str| -> anyhow::Result<Command> {
        let mut command = example("diffusion", "step_time")?;
        command.arg(&model).args([steps, &side]);
        Ok(command)
    };
    let made = measured(&mut step_time("0")?)?;
    let kept = measured(step_time("0")?.arg(&graphs))?;
    let ours = measured(step_time(&steps)?.arg(&graphs))?;
    std::fs::remove_dir_all(&graphs)?;
    let mut theirs = Command::new(&python);
    theirs.arg(place::root().join("bench/torch_step_time.py")).arg(&model).args([&steps, &side]);
    let theirs = measured(&mut theirs)?;
    print_table(args.side, [&made, &kept], &ours, &theirs);
    Ok(())
}

/// The folder of examples that are built already, for machines without Rust.
const EXAMPLES_VARIABLE: &str = "BENCH_EXAMPLES";

/// An example of a crate, built already or by cargo; its arguments are still to come.
fn program(package: &str, name: &str) -> Command {
    if let Some(folder) = std::env::var_os(EXAMPLES_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Command::new(PathBuf::from(folder).join(name));
    }
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--package", package, "--example", name, "--"]);
    command
}

/// As [`program`], on the ONNX Runtime that set-up has fetched.
fn example(package: &str, name: &str) -> anyhow::Result<Command> {
    let mut command = program(package, name);
    command.env(setup::LIBRARY_VARIABLE, library()?);
    Ok(command)
}

fn library() -> anyhow::Result<PathBuf> {
    setup::library()?.context("setup has fetched ONNX Runtime")
}

/// The JSON that a program prints as its last line.
fn measured(command: &mut Command) -> anyhow::Result<Value> {
    println!("measuring: {}", process::describe(command));
    let output = process::quiet(command)?;
    let line = output.lines().last().context("nothing was printed")?;
    Ok(serde_json::from_str(line)?)
}

/// `starts` are the loading without kept graphs, and that which keeps them.
fn print_table(side: u32, starts: [&Value; 2], ours: &Value, theirs: &Value) {
    let seconds = |value: &Value| value.as_f64().map_or("-".to_owned(), |seconds| format!("{seconds:.2}"));
    let mib = |value: &Value| value.as_u64().map_or("-".to_owned(), |mib| mib.to_string());
    let row = |name: &str, ours: String, theirs: String| println!("| {name} | {ours} | {theirs} |");
    println!("\nOne guided step (a batch of two) at {side}x{side}, in seconds; memory in MiB.\n");
    row("", "ours".into(), format!("PyTorch {}", theirs["torch"].as_str().unwrap_or("?")));
    row("---", "---".into(), "---".into());
    for (what, start) in ["load, nothing kept", "load, and graphs are kept"].into_iter().zip(starts) {
        row(what, seconds(&start["load_s"]), String::new());
    }
    row(
        "load, kept graphs (PyTorch: maps the UNet's file)",
        seconds(&ours["load_s"]),
        seconds(&theirs["load_s"]),
    );
    row("peak memory of loading, nothing kept", mib(&starts[0]["loaded_mib"]["peak"]), String::new());
    row("peak memory of loading, kept graphs", mib(&ours["loaded_mib"]["peak"]), String::new());
    row("step, plain", seconds(&ours["plain_step_s"]), seconds(&theirs["plain_step_s"]));
    row("step, plain, the original's attention code", "".into(), seconds(&theirs["original_plain_step_s"]));
    row(
        "step, modulated (PyTorch: the original's attention code)",
        seconds(&ours["modulated_step_s"]),
        seconds(&theirs["modulated_step_s"]),
    );
    row("decode", seconds(&ours["decode_s"]), "".into());
    row("peak memory (VmHWM)", mib(&ours["peak_mib"]["peak"]), mib(&theirs["peak_mib"]));
    row("of it mapped files at the end (RssFile)", mib(&ours["peak_mib"]["mapped_files"]), "".into());
    row("peak memory, plain alone", String::new(), mib(&theirs["plain_peak_mib"]));
    let ratio = |a: &Value, b: &Value| Some(a.as_f64()? / b.as_f64()?);
    let ratios = [
        ("modulated / plain, ours", ratio(&ours["modulated_step_s"], &ours["plain_step_s"])),
        (
            "modulated: ours / the original's code",
            ratio(&ours["modulated_step_s"], &theirs["modulated_step_s"]),
        ),
        ("plain: ours / PyTorch", ratio(&ours["plain_step_s"], &theirs["plain_step_s"])),
    ];
    println!();
    for (name, ratio) in ratios {
        println!("{name}: {}", ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
    }
}

fn python() -> anyhow::Result<PathBuf> {
    if let Some(python) = place::file_from_env(PYTHON_VARIABLE)? {
        return Ok(python);
    }
    let folder = place::target().join("torch");
    let python = folder.join("bin/python");
    let has_torch =
        |python: &Path| process::quiet(Command::new(python).args(["-c", "import torch, diffusers"])).is_ok();
    if !has_torch(&python) {
        println!(
            "fetching PyTorch and diffusers from PyPI, several gigabytes ({PYTHON_VARIABLE} names a Python that has them)"
        );
        process::quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let requirements = place::root().join("fixtures/requirements.txt");
        process::quiet(
            Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements),
        )?;
        // For CLIP's vocabulary alone, not for what it depends on.
        let vocabulary = ["-m", "pip", "install", "--quiet", "--no-deps", "open_clip_torch==3.3.0"];
        process::quiet(Command::new(&python).args(vocabulary))?;
    }
    Ok(python)
}

fn full_size_checkpoint(python: &Path, dtype: &str) -> anyhow::Result<PathBuf> {
    let folder = place::target().join(if dtype == "float32" { "full-size" } else { "full-size-f16" });
    if !folder.join("model_index.json").is_file() {
        println!("making random weights of SD 1.5's full size in {}", folder.display());
        let script = place::root().join("fixtures/full_size.py");
        process::quiet(Command::new(python).arg(script).arg(&folder).args(["--dtype", dtype]))?;
    }
    Ok(folder)
}
