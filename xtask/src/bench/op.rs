//! `cargo xtask bench --op`: the op on the CPU, beside ONNX Runtime's and PyTorch's attention in the same run.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::table::{Table, figure, ratio, text};
use crate::{place, setup};

/// Measures both and prints the table.
pub fn run() -> anyhow::Result<()> {
    setup::run(setup::BENCH)?;
    let python = super::python()?;
    let ours = super::measured(&mut super::example("attention", "cpu")?)?;
    let theirs = torch(&python, "cpu", &ours["times"])?;
    print!("{}", table(&ours, &theirs));
    Ok(())
}

/// PyTorch's times on `device` for the same shapes.
pub fn torch(python: &Path, device: &str, shapes: &Value) -> anyhow::Result<Value> {
    let mut command = Command::new(python);
    command.arg(place::root().join("bench/torch_op_time.py")).arg(device);
    super::measured_of(&mut command, &shapes.to_string())
}

/// A problem's name in a table.
pub fn shape(problem: &Value) -> String {
    let [batch, heads, queries, keys, head_size] =
        ["batch", "heads", "queries", "keys", "head_size"].map(|key| figure(&problem[key], 0));
    format!("{batch} x {heads}, {queries} x {keys}, {head_size}")
}

/// Milliseconds, ratios and memory as a table in Markdown.
fn table(ours: &Value, theirs: &Value) -> String {
    let mut table = Table::new([
        &"B x H, queries x keys, head size",
        &"op, modulated",
        &"op, strength 0",
        &"MultiHeadAttention",
        &"function",
        &format!("PyTorch {}, plain", text(&theirs["torch"])),
        &"the original's code",
        &"modulated / MultiHeadAttention",
        &"the original's / modulated",
        &"share of the peak",
        &"MiB: op, MultiHeadAttention, function",
    ]);
    for (index, own) in ours["times"].as_array().into_iter().flatten().enumerate() {
        let their = &theirs["times"][index];
        let memory = ["modulated", "multi_head", "function"].map(|key| figure(&own["memory_mib"][key], 0));
        table.row([
            &shape(own),
            &figure(&own["modulated_ms"], 1),
            &figure(&own["plain_ms"], 1),
            &figure(&own["multi_head_ms"], 1),
            &figure(&own["function_ms"], 1),
            &figure(&their["plain_ms"], 1),
            &figure(&their["original_ms"], 1),
            &ratio(&own["modulated_ms"], &own["multi_head_ms"], 2),
            &ratio(&their["original_ms"], &own["modulated_ms"], 1),
            &figure(&own["share_of_peak"], 2),
            &memory.join(", "),
        ]);
    }
    format!(
        "\nONNX Runtime's product of matrices reaches {} GFLOP/s on {} threads. Milliseconds; MiB beside the inputs.\n\n{table}",
        figure(&ours["peak_gflops"], 0),
        figure(&ours["threads"], 0),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;

    #[test]
    fn the_ratios_are_those_of_the_times() {
        let own = json!({"batch": 2, "heads": 8, "queries": 4096, "keys": 77, "head_size": 40, "modulated_ms": 12.0,
            "plain_ms": 10.0, "multi_head_ms": 8.0, "function_ms": 60.0, "share_of_peak": 0.25,
            "memory_mib": {"modulated": 5, "multi_head": null, "function": 400}});
        let ours = json!({"threads": 2, "peak_gflops": 200.0, "times": [own]});
        let theirs = json!({"torch": "2.11", "times": [{"plain_ms": 9.0, "original_ms": 24.0}]});
        let table = table(&ours, &theirs);
        let row = "| 2 x 8, 4096 x 77, 40 | 12.0 | 10.0 | 8.0 | 60.0 | 9.0 | 24.0 | 1.50 | 2.0 | 0.25 | 5, -, 400 |\n";
        assert!(table.ends_with(row), "{table}");
    }
}
