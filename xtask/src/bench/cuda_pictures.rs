//! Whole pictures on a GPU at Stable Diffusion 1.5's full size, beside diffusers on the same GPU.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;
use serde_json::Value;

use super::table::{Table, figure, ratio, text};
use crate::{place, process};

/// Timed pictures of each kind, of which the fastest counts; one more is the warm-up.
const PICTURES: &str = "2";

/// Further options to try (`--cuda-options`).
const TRIED: [&str; 2] = ["flash", "no-graphs"];

/// Measures both and prints the table. If one fails, the other's results are printed.
pub fn run(python: &Path, model: Option<PathBuf>) -> anyhow::Result<()> {
    let model = match model {
        Some(model) => model,
        None => super::full_size::checkpoint(python, "float16")?,
    };
    let mut ours = super::example("diffusion", "card_time")?;
    ours.arg(&model).arg(PICTURES);
    let mut theirs = Command::new(python);
    theirs.arg(place::root().join("bench/torch_card_time.py")).arg(&model).arg(PICTURES);
    let [ours, theirs] = [lines(&mut ours), lines(&mut theirs)];
    print!("{}", table(&ours.lines, &theirs.lines));
    let mut tried = vec![("", ours.lines)];
    let mut complete = ours.complete && theirs.complete;
    for options in TRIED {
        let mut ours = super::example("diffusion", "card_time")?;
        ours.arg(&model).args([PICTURES, "512", "50", "cuda", options]);
        let said = lines(&mut ours);
        complete &= said.complete;
        tried.push((options, said.lines));
    }
    print!("{}", options_table(&tried));
    match complete {
        true => Ok(()),
        false => bail!("not all was measured, see above"),
    }
}

/// Seconds by options, as a table in Markdown.
fn options_table(tried: &[(&str, Vec<Value>)]) -> String {
    let mut table = Table::new([
        &"options",
        &"one, plain",
        &"one, modulated",
        &"four, plain",
        &"four, modulated",
        &"MiB",
        &"ms a step beside the UNet, one",
        &"four",
        &"failure",
    ]);
    for (options, lines) in tried {
        let batches = [(1, "plain"), (1, "modulated"), (4, "plain"), (4, "modulated")]
            .map(|(batch, name)| find(lines, batch, name));
        let [one, one_modulated, four, four_modulated] = batches.map(|line| figure(&line["picture_s"], 2));
        let memory = lines.iter().map(|line| &line["memory_mib"]).max_by_key(|mib| mib.as_u64());
        let mut failures: Vec<&str> = batches.iter().filter_map(|line| line["failure"].as_str()).collect();
        failures.dedup();
        table.row([
            if options.is_empty() { &"none" } else { options },
            &one,
            &one_modulated,
            &four,
            &four_modulated,
            &figure(memory.unwrap_or(&Value::Null), 0),
            &beside(batches[1]),
            &beside(batches[3]),
            &failures.join("; "),
        ]);
    }
    format!("\nSeconds as above, by `--cuda-options`.\n\n{table}")
}

/// Milliseconds of a step outside the UNet.
fn beside(line: &Value) -> String {
    let milliseconds = line["beside_unet_s"].as_f64().map(|seconds| seconds * 1e3);
    figure(&milliseconds.into(), 2)
}

/// The results of a batch, or null.
fn find<'a>(lines: &'a [Value], batch: u64, name: &str) -> &'a Value {
    let said = lines.iter().find(|line| line["batch"] == batch && line["name"] == name);
    said.unwrap_or(&Value::Null)
}

/// A program's output, line by line.
struct Said {
    lines: Vec<Value>,
    complete: bool,
}

/// Runs a program and shows its lines as they come.
fn lines(command: &mut Command) -> Said {
    println!("measuring: {}", process::describe(command));
    let mut lines = Vec::new();
    let complete = process::watch(command, |line| lines.extend(serde_json::from_str::<Value>(line)));
    let complete = complete.unwrap_or_else(|error| {
        println!("NOT MEASURED: {error:#}");
        false
    });
    Said { lines, complete }
}

/// Seconds per picture, memory and ratios as a table in Markdown.
fn table(ours: &[Value], theirs: &[Value]) -> String {
    let mut table = Table::new([
        &"batch",
        &"",
        &"ours",
        &"PyTorch",
        &"PyTorch / ours",
        &"ours: memory",
        &"PyTorch: memory",
        &"not finite",
    ]);
    for batch in [1, 4] {
        let [plain, modulated] = ["plain", "modulated"].map(|name| {
            let (own, their) = (find(ours, batch, name), find(theirs, batch, name));
            let (own_s, their_s) = (&own["picture_s"], &their["picture_s"]);
            let failed: Vec<&str> = [("ours", own), ("PyTorch", their)]
                .into_iter()
                .filter_map(|(whose, line)| line["failure"].is_string().then_some(whose))
                .collect();
            table.row([
                &batch,
                &name,
                &figure(own_s, 2),
                &figure(their_s, 2),
                &ratio(their_s, own_s, 2),
                &figure(&own["memory_mib"], 0),
                &figure(&their["memory_mib"], 0),
                &failed.join(", "),
            ]);
            (own_s, their_s)
        });
        let none = &"";
        let (own, their) = (ratio(modulated.0, plain.0, 2), ratio(modulated.1, plain.1, 2));
        table.row([&batch, &"modulated / plain", &own, &their, none, none, none, none]);
        let both = ratio(plain.1, modulated.0, 2);
        table.row([&batch, &"PyTorch, plain / ours, modulated", &both, none, none, none, none, none]);
    }
    let [device, torch] = [(ours, "device"), (theirs, "torch")]
        .map(|(lines, key)| lines.first().map_or(&Value::Null, |line| &line[key]));
    format!(
        "\nSeconds from texts to pixels of all pictures of a batch: 512x512, 50 guided steps, f16. Ours: {}; PyTorch {}. The card's \
         memory in MiB: ours all that the program claims, context included; PyTorch's what it reserves.\n\n{table}",
        text(device),
        text(torch),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{options_table, table};

    #[test]
    fn options_that_failed_have_a_row_that_says_why() {
        let line = |batch, name, failure: Option<&str>| {
            json!({"batch": batch, "name": name, "picture_s": 0.5, "beside_unet_s": 2e-4, "memory_mib": 4000,
            "failure": failure})
        };
        let tried = [
            ("", vec![line(1, "plain", None), line(4, "modulated", None)]),
            (
                "no-graphs",
                vec![line(1, "plain", Some("no capture")), line(1, "modulated", Some("no capture"))],
            ),
        ];
        let table = options_table(&tried);
        for row in [
            "| none | 0.50 | - | - | 0.50 | 4000 | - | 0.20 |  |",
            "| no-graphs | 0.50 | 0.50 | - | - | 4000 | 0.20 | - | no capture |",
        ] {
            assert!(table.lines().any(|line| line == row), "{row}: {table}");
        }
    }

    #[test]
    fn what_was_not_measured_is_a_gap_and_what_failed_is_named() {
        let ours = [
            json!({"device": "cuda:0 (auto: H100)", "load_s": 2.0}),
            json!({"batch": 1, "name": "plain", "picture_s": 1.0, "memory_mib": 4000, "failure": null}),
            json!({"batch": 1, "name": "modulated", "picture_s": 1.05, "memory_mib": 4000, "failure": "UNet"}),
        ];
        let theirs = [
            json!({"torch": "2.11", "device": "H100"}),
            json!({"batch": 1, "name": "plain", "picture_s": 2.1, "memory_mib": 5000}),
        ];
        let table = table(&ours, &theirs);
        for row in [
            "| 1 | plain | 1.00 | 2.10 | 2.10 | 4000 | 5000 |  |",
            "| 1 | modulated | 1.05 | - | - | 4000 | - | ours |",
            "| 1 | modulated / plain | 1.05 | - |  |  |  |  |",
            "| 1 | PyTorch, plain / ours, modulated | 2.00 |  |  |  |  |  |",
            "| 4 | plain | - | - | - | - | - |  |",
        ] {
            assert!(table.lines().any(|line| line == row), "{row}: {table}");
        }
    }
}
