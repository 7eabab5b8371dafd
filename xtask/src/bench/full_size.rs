//! Stable Diffusion 1.5 at full size on the CPU, beside diffusers in PyTorch and stable-diffusion.cpp.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::table::{Table, figure, ratio, text};
use super::{Args, example, measured, python};
use crate::{place, process, setup};

/// Measures all three and prints the table.
pub fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(setup::BENCH)?;
    let python = python()?;
    let model = match &args.model {
        Some(model) => model.clone(),
        None => checkpoint(&python, "float32")?,
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

    let script = |python: &Path, name: &str| {
        let mut command = Command::new(python);
        command.arg(place::root().join("bench").join(name)).arg(&model).args([&steps, &side]);
        measured(&mut command)
    };
    let torch = script(&python, "torch_step_time.py")?;
    let cpp = stable_diffusion_cpp().and_then(|python| script(&python, "sdcpp_step_time.py"));
    let cpp = cpp.unwrap_or_else(|error| {
        println!("stable-diffusion.cpp: NOT MEASURED, {error:#}");
        Value::Null
    });
    print!("{}", table(args.side, [&made, &kept], &ours, &torch, &cpp));
    Ok(())
}

/// Random weights of Stable Diffusion 1.5's size, made on first use.
pub fn checkpoint(python: &Path, dtype: &str) -> anyhow::Result<PathBuf> {
    let folder = place::target().join(if dtype == "float32" { "full-size" } else { "full-size-f16" });
    if !folder.join("model_index.json").is_file() {
        println!("making random weights of SD 1.5's full size in {}", folder.display());
        let script = place::root().join("fixtures/full_size.py");
        process::quiet(Command::new(python).arg(script).arg(&folder).args(["--dtype", dtype]))?;
    }
    Ok(folder)
}

/// A Python with stable-diffusion.cpp, which PyPI has as source only: it takes a C++ compiler and some minutes.
fn stable_diffusion_cpp() -> anyhow::Result<PathBuf> {
    let environment = setup::Environment::named("stable-diffusion-cpp");
    let python = environment.python();
    if process::quiet(Command::new(&python).args(["-c", "import stable_diffusion_cpp"])).is_err() {
        println!("building stable-diffusion.cpp from PyPI, some minutes");
        environment.make()?;
        let package = "stable-diffusion-cpp-python";
        environment.install(&[&format!("{package}==0.4.7")], &["--no-binary", package])?;
    }
    Ok(python)
}

/// `starts` are loading without kept graphs, and loading that keeps them. Null is what was not measured.
fn table(side: u32, starts: [&Value; 2], ours: &Value, torch: &Value, cpp: &Value) -> String {
    let mut table = Table::new([
        &"",
        &"ours",
        &format!("PyTorch {}", text(&torch["torch"])),
        &format!("stable-diffusion.cpp {}", text(&cpp["version"])),
    ]);
    let none = &Value::Null;
    // Digits after the decimal point.
    let (seconds, mib) = (2, 0);
    let rows = [
        ("load, nothing kept", seconds, [&starts[0]["load_s"], none, none]),
        ("load, and graphs are kept", seconds, [&starts[1]["load_s"], none, none]),
        (
            "load, kept graphs (PyTorch: maps the UNet's file)",
            seconds,
            [&ours["load_s"], &torch["load_s"], &cpp["load_s"]],
        ),
        ("peak memory of loading, nothing kept", mib, [&starts[0]["loaded_mib"]["peak"], none, none]),
        ("peak memory of loading, kept graphs", mib, [&ours["loaded_mib"]["peak"], none, none]),
        ("step, plain", seconds, [&ours["plain_step_s"], &torch["plain_step_s"], &cpp["plain_step_s"]]),
        (
            "step, plain, the original's attention code",
            seconds,
            [none, &torch["original_plain_step_s"], none],
        ),
        (
            "step, modulated (PyTorch: the original's attention code)",
            seconds,
            [&ours["modulated_step_s"], &torch["modulated_step_s"], none],
        ),
        ("decode", seconds, [&ours["decode_s"], none, &cpp["decode_s"]]),
        (
            "peak memory (PyTorch: the UNet's alone)",
            mib,
            [&ours["peak_mib"]["peak"], &torch["peak_mib"], &cpp["peak_mib"]],
        ),
        ("of it mapped files at the end (RssFile)", mib, [&ours["peak_mib"]["mapped_files"], none, none]),
        ("peak memory, plain alone", mib, [none, &torch["plain_peak_mib"], none]),
    ];
    for (what, digits, values) in rows {
        let [ours, torch, cpp] = values.map(|value| figure(value, digits));
        table.row([&what, &ours, &torch, &cpp]);
    }
    let ratios = [
        ("modulated / plain, ours", &ours["modulated_step_s"], &ours["plain_step_s"]),
        ("modulated: ours / the original's code", &ours["modulated_step_s"], &torch["modulated_step_s"]),
        ("plain: ours / PyTorch", &ours["plain_step_s"], &torch["plain_step_s"]),
        ("plain: ours / stable-diffusion.cpp", &ours["plain_step_s"], &cpp["plain_step_s"]),
    ]
    .map(|(what, a, b)| format!("{what}: {}\n", ratio(a, b, 2)));
    format!(
        "\nOne guided step (a batch of two) at {side}x{side}, in seconds; memory in MiB.\n\n{table}\n{}",
        ratios.concat()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::table;

    #[test]
    fn what_was_not_measured_is_a_gap_and_ratios_are_of_the_same_row() {
        let start = json!({"load_s": 6.0, "loaded_mib": {"peak": 3000}});
        let ours = json!({"plain_step_s": 8.0, "modulated_step_s": 8.4, "load_s": 1.5});
        let torch = json!({"torch": "2.15", "plain_step_s": 10.0, "modulated_step_s": 21.0});
        let cpp = json!({"version": "0.4.7", "plain_step_s": 40.0, "decode_s": 60.0});
        let has = |table: &str, wanted: &str| {
            assert!(table.lines().any(|line| line == wanted), "{wanted}: {table}")
        };

        let all = table(512, [&start, &start], &ours, &torch, &cpp);
        has(&all, "| step, plain | 8.00 | 10.00 | 40.00 |");
        has(&all, "plain: ours / stable-diffusion.cpp: 0.20");
        has(&all, "modulated: ours / the original's code: 0.40");
        let without = table(512, [&start, &start], &ours, &torch, &Value::Null);
        has(&without, "|  | ours | PyTorch 2.15 | stable-diffusion.cpp not measured |");
        has(&without, "| step, plain | 8.00 | 10.00 | - |");
        has(&without, "plain: ours / stable-diffusion.cpp: -");
    }
}
