//! `cargo xtask bench --scenes`: whole pictures of the embedded model, beside diffusers' PyTorch in the same run.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{place, process, setup};

const PICTURES: &str = "7";
/// Starts of the whole program, of which the median counts.
const STARTS: usize = 5;

/// Measures both and prints the table.
pub fn run() -> anyhow::Result<()> {
    setup::run(setup::BENCH)?;
    let python = super::python()?;
    let model = place::root().join("models/scenes");

    let starts = first_pictures()?;
    let ours = super::measured(super::example("diffusion", "picture_time")?.arg(&model).arg(PICTURES))?;
    let mut theirs = Command::new(&python);
    let theirs = theirs.arg(place::root().join("bench/torch_picture_time.py")).arg(&model).arg(PICTURES);
    let theirs = super::measured(theirs)?;
    print!("{}", table(&starts, &ours, &theirs));
    Ok(())
}

/// Seconds from the start of `dense-diffusion generate` to its end with the picture written.
struct Starts {
    /// The very first, which optimises the graphs and keeps them.
    first: f64,
    /// The median of those that follow.
    later: f64,
}

fn first_pictures() -> anyhow::Result<Starts> {
    process::quiet(process::cargo().args(["build", "--quiet", "--bin", "dense-diffusion"]))?;
    let mut generate = Command::new(place::target().join("debug/dense-diffusion"));
    let root = place::root();
    generate.env(setup::LIBRARY_VARIABLE, super::library()?).current_dir(root);
    generate
        .args(["generate", "--model", "models/scenes", "--seed", "66", "--out"])
        .arg(place::target().join("bench"));
    let graphs = place::target().join("bench/graphs");
    if graphs.exists() {
        std::fs::remove_dir_all(&graphs)?;
    }
    generate.arg("--graph-cache").arg(graphs);
    generate.args(["--layout", "training/layouts/test/valset_layout/66.png"]);
    for region in ["on a snowy field", "a penguin", "a train", "a house"] {
        generate.args(["--region", region]);
    }
    println!("measuring: {}", process::describe(&generate));
    let mut time = || -> anyhow::Result<Duration> {
        let start = Instant::now();
        process::quiet(&mut generate)?;
        Ok(start.elapsed())
    };
    let first = time()?;
    let mut later = (0..STARTS).map(|_| time()).collect::<anyhow::Result<Vec<_>>>()?;
    later.sort();
    Ok(Starts { first: first.as_secs_f64(), later: later[STARTS / 2].as_secs_f64() })
}

/// Seconds and ratios as a table in Markdown.
fn table(starts: &Starts, ours: &Value, theirs: &Value) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let rows = [
        ("plain", number(&ours["plain_s"]), number(&theirs["plain_s"])),
        ("plain, the original's attention code", f64::NAN, number(&theirs["original_plain_s"])),
        (
            "with the method (PyTorch: the original's attention code)",
            number(&ours["modulated_s"]),
            number(&theirs["modulated_s"]),
        ),
        ("the very first start, to the picture written", starts.first, f64::NAN),
        ("later starts, to the picture written", starts.later, number(&theirs["first_picture_s"])),
    ];
    let mut table = format!(
        "\nSeconds per picture of the embedded model by its own defaults, from texts to pixels.\n\n\
         | | ours | PyTorch {}, {} threads | ours / PyTorch |\n| --- | --- | --- | --- |\n",
        theirs["torch"].as_str().unwrap_or("?"),
        theirs["threads"],
    );
    let cell = |value: f64| if value.is_nan() { String::new() } else { format!("{value:.2}") };
    for (name, own, their) in rows {
        table += &format!("| {name} | {} | {} | {} |\n", cell(own), cell(their), cell(own / their));
    }
    let cost = number(&ours["modulated_s"]) / number(&ours["plain_s"]);
    table
        + &format!(
            "\nmodulated / plain, ours: {cost:.2}; load: {:.2} s; {} requests at once: {:.2} s per picture in turns, {:.2} s together\n",
            number(&ours["load_s"]),
            ours["together"],
            number(&ours["turns_s"]),
            number(&ours["together_s"]),
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_ratios_are_those_of_the_times() {
        let ours = json!({"load_s": 0.25, "plain_s": 0.5, "modulated_s": 0.55, "together": 4, "turns_s": 0.5, "together_s": 0.375});
        let theirs = json!({"torch": "2.11", "threads": 2, "plain_s": 1.0, "original_plain_s": 1.5, "modulated_s": 2.2,
            "first_picture_s": 8.0});
        let table = table(&Starts { first: 3.0, later: 2.0 }, &ours, &theirs);
        for line in [
            "| plain | 0.50 | 1.00 | 0.50 |",
            "| plain, the original's attention code |  | 1.50 |  |",
            "| with the method (PyTorch: the original's attention code) | 0.55 | 2.20 | 0.25 |",
            "| the very first start, to the picture written | 3.00 |  |  |",
            "| later starts, to the picture written | 2.00 | 8.00 | 0.25 |",
            "modulated / plain, ours: 1.10; load: 0.25 s; 4 requests at once: 0.50 s per picture in turns, 0.38 s together",
        ] {
            assert!(table.lines().any(|row| row == line), "{line}: {table}");
        }
    }
}
