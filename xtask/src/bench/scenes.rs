//! `cargo xtask bench --scenes`: whole pictures of the embedded model, beside diffusers' PyTorch in the same run.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::table::{Table, figure, ratio, text};
use crate::place::Profile;
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

/// Seconds from the start of `dense-diffusion generate` to its end with the picture written: of the first
/// start, which optimises the graphs and keeps them, and the median of the later ones.
fn first_pictures() -> anyhow::Result<Value> {
    let mut generate = Command::new(process::build_server(Profile::Dev)?);
    setup::with_library(&mut generate)?;
    generate.current_dir(place::root());
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
    Ok(json!({"first_s": first.as_secs_f64(), "later_s": later[STARTS / 2].as_secs_f64()}))
}

/// Seconds and ratios as a table in Markdown.
fn table(starts: &Value, ours: &Value, theirs: &Value) -> String {
    let pytorch = format!("PyTorch {}, {} threads", text(&theirs["torch"]), theirs["threads"]);
    let mut table = Table::new([&"", &"ours", &pytorch, &"ours / PyTorch"]);
    let rows = [
        ("plain", &ours["plain_s"], &theirs["plain_s"]),
        ("plain, the original's attention code", &Value::Null, &theirs["original_plain_s"]),
        (
            "with the method (PyTorch: the original's attention code)",
            &ours["modulated_s"],
            &theirs["modulated_s"],
        ),
        ("the very first start, to the picture written", &starts["first_s"], &Value::Null),
        ("later starts, to the picture written", &starts["later_s"], &theirs["first_picture_s"]),
    ];
    for (what, own, their) in rows {
        table.row([&what, &figure(own, 2), &figure(their, 2), &ratio(own, their, 2)]);
    }
    format!(
        "\nSeconds per picture of the embedded model by its own defaults, from texts to pixels.\n\n{table}\n\
         modulated / plain, ours: {}; load: {} s; {} requests at once: {} s per picture in turns, {} s together\n",
        ratio(&ours["modulated_s"], &ours["plain_s"], 2),
        figure(&ours["load_s"], 2),
        ours["together"],
        figure(&ours["turns_s"], 2),
        figure(&ours["together_s"], 2),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;

    #[test]
    fn the_ratios_are_those_of_the_times() {
        let ours = json!({"load_s": 0.25, "plain_s": 0.5, "modulated_s": 0.55, "together": 4, "turns_s": 0.5, "together_s": 0.375});
        let theirs = json!({"torch": "2.11", "threads": 2, "plain_s": 1.0, "original_plain_s": 1.5, "modulated_s": 2.2,
            "first_picture_s": 8.0});
        let table = table(&json!({"first_s": 3.0, "later_s": 2.0}), &ours, &theirs);
        for line in [
            "| plain | 0.50 | 1.00 | 0.50 |",
            "| plain, the original's attention code | - | 1.50 | - |",
            "| with the method (PyTorch: the original's attention code) | 0.55 | 2.20 | 0.25 |",
            "| the very first start, to the picture written | 3.00 | - | - |",
            "| later starts, to the picture written | 2.00 | 8.00 | 0.25 |",
            "modulated / plain, ours: 1.10; load: 0.25 s; 4 requests at once: 0.50 s per picture in turns, 0.38 s together",
        ] {
            assert!(table.lines().any(|row| row == line), "{line}: {table}");
        }
    }
}
