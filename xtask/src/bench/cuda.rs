//! `cargo xtask bench --cuda`: the op and whole pictures on a GPU, beside PyTorch on it in the same run.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use super::table::{Table, figure, ratio, text};
use super::{PYTHON_VARIABLE, cuda_pictures, op};
use crate::{place, process, setup};

/// Measures part by part and prints each as soon as it is done; one that fails does not stop the others.
pub fn run(model: Option<PathBuf>) -> anyhow::Result<()> {
    let python = python();
    let parts = [
        ("the op", operator(&python)),
        ("the CPU's pictures", pictures()),
        ("whole pictures", python.and_then(|python| cuda_pictures::run(&python, model))),
    ];
    let failed: Vec<String> = parts
        .into_iter()
        .filter_map(|(part, result)| result.err().map(|error| format!("{part}: {error:#}")))
        .collect();
    match failed.is_empty() {
        true => Ok(()),
        false => bail!("{}", failed.join("\n")),
    }
}

/// Compares pictures of the embedded model on the GPU with those of the CPU.
fn pictures() -> anyhow::Result<()> {
    let runs = ["", "flash", "no-graphs"].map(|options| {
        let mut command = super::example("diffusion", "card_pictures")?;
        command.arg(place::root().join("models/scenes")).args(["cuda", options]);
        println!("\nmeasuring: {}", process::describe(&command));
        process::run(&mut command)
    });
    runs.into_iter().collect()
}

/// Runs the op's problems and prints the times, or says why there is no GPU to do it on.
fn operator(python: &anyhow::Result<PathBuf>) -> anyhow::Result<()> {
    let (report, broken) = parts(&mut super::example("attention", "cuda")?)?;
    println!("\n{}, driver for CUDA {}\n", text(&report["device"]), report["driver_cuda"]);

    let mut wrong = judge("launched by ourselves", &report["launched"]);
    match &report["through_onnx_runtime"] {
        Value::String(missing) => println!("through ONNX Runtime: NOT RUN, {missing}"),
        Value::Null => println!("through ONNX Runtime: NOT RUN"),
        problems => wrong += judge("through ONNX Runtime", problems),
    }
    let theirs = match python {
        Ok(python) => op::torch(python, "cuda", &report["times"]),
        Err(error) => Err(anyhow!("{error:#}")),
    };
    let theirs = theirs.unwrap_or_else(|error| {
        println!("PyTorch: NOT MEASURED, {error:#}");
        Value::Null
    });
    print!("{}", table(&report["times"], &theirs));
    match &report["plain_through_onnx_runtime"] {
        Value::Null => println!("\nplain attention through ONNX Runtime: NOT MEASURED"),
        times => print!("{}", plain_table(times)),
    }
    if let Some(broken) = broken {
        bail!("{broken}");
    }
    if wrong > 0 {
        bail!("{wrong} problems are wrong: the times above count for nothing");
    }
    Ok(())
}

/// Merges the JSON lines that a program prints until it ends or fails; also returns how it failed.
fn parts(command: &mut Command) -> anyhow::Result<(Value, Option<String>)> {
    println!("measuring: {}", process::describe(command));
    let output = command.stdin(Stdio::null()).output().context("it cannot be started")?;
    let mut report = serde_json::Map::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        report.extend(serde_json::from_str::<serde_json::Map<_, _>>(line).unwrap_or_default());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    let broken = (!output.status.success()).then(|| format!("{}: {last}", output.status));
    match broken {
        Some(broken) if report.is_empty() => bail!("nothing was measured: {broken}"),
        broken => Ok((Value::Object(report), broken)),
    }
}

/// Prints which problems are wrong, and returns how many.
fn judge(how: &str, problems: &Value) -> usize {
    let problems = problems.as_array().map_or(&[][..], Vec::as_slice);
    let is_right = |problem: &&Value| match (problem["error"].as_f64(), problem["allowed"].as_f64()) {
        (Some(error), Some(allowed)) => error <= allowed,
        _ => false,
    };
    let right = problems.iter().filter(is_right).count();
    println!("{how}: {right} of {} problems right", problems.len());
    for problem in problems.iter().filter(|problem| !is_right(problem)) {
        println!("  WRONG: {problem}");
    }
    // No problem at all is wrong too.
    (problems.len() - right).max(usize::from(problems.is_empty()))
}

/// A Python that exists.
fn python() -> anyhow::Result<PathBuf> {
    match place::file_from_env(PYTHON_VARIABLE)? {
        Some(python) => Ok(python),
        None => Some(setup::Environment::named("torch").python())
            .filter(|python| python.is_file())
            .with_context(|| format!("{PYTHON_VARIABLE} names no Python with PyTorch for CUDA")),
    }
}

/// The times as a table in Markdown.
fn table(ours: &Value, theirs: &Value) -> String {
    let mut table = Table::new([
        &"kernel, B x H, queries x keys, head size",
        &"op, modulated",
        &"op, strength 0",
        &format!("PyTorch {}, plain", text(&theirs["torch"])),
        &"its flash attention",
        &"the original's code",
        &"modulated / plain",
    ]);
    for (index, own) in ours.as_array().into_iter().flatten().enumerate() {
        let their = &theirs["times"][index];
        table.row([
            &format!("{}, {}", text(&own["kernel"]), op::shape(own)),
            &figure(&own["modulated_ms"], 3),
            &figure(&own["plain_ms"], 3),
            &figure(&their["plain_ms"], 3),
            &figure(&their["flash_ms"], 3),
            &figure(&their["original_ms"], 3),
            &ratio(&own["modulated_ms"], &their["plain_ms"], 2),
        ]);
    }
    format!("\nMilliseconds.\n\n{table}")
}

/// Plain attention in f16 as ONNX Runtime's provider runs it, as a table in Markdown.
fn plain_table(times: &Value) -> String {
    let mut table = Table::new([
        &"f16, B x H, queries x keys, head size",
        &"op, strength 0",
        &"handed on",
        &"MultiHeadAttention",
        &"op / MultiHeadAttention",
    ]);
    for time in times.as_array().into_iter().flatten() {
        let [ours, handed_on, theirs] = ["plain_ms", "handed_on_ms", "multi_head_ms"].map(|key| &time[key]);
        let milliseconds = [ours, handed_on, theirs].map(|time| figure(time, 3));
        let [own, on, their] = &milliseconds;
        table.row([&op::shape(time), own, on, their, &ratio(ours, theirs, 2)]);
    }
    format!("\nMilliseconds, through ONNX Runtime.\n\n{table}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{judge, plain_table, table};

    #[test]
    fn plain_attention_has_a_row_for_each_shape() {
        let time = json!({"batch": 2, "heads": 8, "queries": 4096, "keys": 77, "head_size": 40, "plain_ms": 0.1,
            "handed_on_ms": 0.25, "multi_head_ms": 0.2});
        let table = plain_table(&json!([time]));
        assert!(table.ends_with("| 2 x 8, 4096 x 77, 40 | 0.100 | 0.250 | 0.200 | 0.50 |\n"), "{table}");
    }

    #[test]
    fn a_problem_is_right_only_within_what_is_allowed() {
        let problem =
            |error: f64| json!({"problem": "small", "kernel": "f16", "error": error, "allowed": 5e-4});
        let failed = json!({"problem": "small", "kernel": "f16", "failure": "no memory"});
        assert_eq!(judge("test", &json!([problem(4e-4), problem(6e-4), failed])), 2);
        assert_eq!(judge("test", &json!([problem(4e-4)])), 0);
        assert_eq!(judge("test", &json!([])), 1, "no problem was run");
    }

    #[test]
    fn the_table_has_a_gap_where_pytorch_was_not_measured() {
        let ours = json!([{"kernel": "f16", "batch": 2, "heads": 8, "queries": 4096, "keys": 77, "head_size": 40,
            "modulated_ms": 0.5, "plain_ms": 0.25}]);
        let alone = table(&ours, &Value::Null);
        let row = "| f16, 2 x 8, 4096 x 77, 40 | 0.500 | 0.250 | - | - | - | - |\n";
        assert!(alone.ends_with(row), "{alone}");
        let theirs =
            json!({"torch": "2.11", "times": [{"plain_ms": 0.25, "flash_ms": 0.2, "original_ms": 1.0}]});
        let both = table(&ours, &theirs);
        assert!(both.ends_with("| 0.250 | 0.200 | 1.000 | 2.00 |\n"), "{both}");
    }
}
