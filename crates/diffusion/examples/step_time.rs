//! Load time, seconds per guided step with and without modulation, and peak memory of a checkpoint, as one line of
//! JSON: `cargo run -p diffusion --example step_time -- MODEL [STEPS] [SIDE] [GRAPHS]`. With GRAPHS, a folder, optimised
//! graphs are kept there; with 0 steps the model is loaded and no more.
//!
//! `cargo xtask bench` sets it beside diffusers' PyTorch.

mod common;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use diffusion::{CancelToken, LoadOptions, Pipeline, Progress};
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(model) = arguments.next().map(PathBuf::from) else {
        bail!("usage: step_time MODEL [STEPS] [SIDE] [GRAPHS]")
    };
    let steps: i64 = arguments.next().map_or(Ok(3), |text| text.parse()).context("STEPS")?;
    let side: u32 = arguments.next().map_or(Ok(512), |text| text.parse()).context("SIDE")?;

    let options = LoadOptions { graph_cache: arguments.next().map(PathBuf::from), ..LoadOptions::default() };
    let start = Instant::now();
    let pipeline = Pipeline::load(&model, &options)?;
    let load = start.elapsed();
    let loaded = memory()?;
    if steps == 0 {
        println!("{}", json!({ "load_s": load.as_secs_f64(), "loaded_mib": loaded }));
        return Ok(());
    }
    let plain = step_time(&pipeline, steps, side, 0.0)?;
    let modulated = step_time(&pipeline, steps, side, 1.0)?;
    let peak = memory()?;
    println!(
        "{}",
        json!({
            "load_s": load.as_secs_f64(),
            "plain_step_s": plain.step.as_secs_f64(),
            "modulated_step_s": modulated.step.as_secs_f64(),
            "decode_s": plain.decode.as_secs_f64(),
            "loaded_mib": loaded,
            "peak_mib": peak,
        })
    );
    Ok(())
}

struct Times {
    /// The median step.
    step: Duration,
    /// From the last step to the picture.
    decode: Duration,
}

/// Times the steps of one guided picture of `side` pixels with two regions; the first step warms up.
fn step_time(pipeline: &Pipeline, steps: i64, side: u32, fraction: f64) -> anyhow::Result<Times> {
    let (generation, layout) = common::two_regions(pipeline, side, steps + 1, fraction, 0)?;
    let mut times = Vec::new();
    let mut watch = |_: &Progress<'_>| times.push(Instant::now());
    let painting = pipeline.generate(&generation, &layout, 0, &CancelToken::default(), &mut watch)?;
    for picture in painting.pictures() {
        picture?;
    }
    let end = Instant::now();
    let mut steps: Vec<Duration> = times.windows(2).skip(1).map(|pair| pair[1] - pair[0]).collect();
    steps.sort();
    let last = times.last().context("no step was reported")?;
    Ok(Times { step: steps[steps.len() / 2], decode: end - *last })
}

/// `/proc/self/status`: peak and present resident memory, and how much of it is files mapped in place, in MiB.
fn memory() -> anyhow::Result<serde_json::Value> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
    };
    Ok(
        json!({ "peak": field("VmHWM"), "resident": field("VmRSS"), "anonymous": field("RssAnon"), "mapped_files": field("RssFile") }),
    )
}
