//! Seconds per picture of a small checkpoint with its own size and strengths, with and without modulation, and of several
//! requests at once, as one line of JSON: `cargo run -p diffusion --example picture_time -- MODEL [PICTURES]`.
//!
//! `cargo xtask bench --scenes` sets it beside diffusers' PyTorch.

mod common;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use diffusion::{CancelToken, LoadOptions, Pipeline};
use serde_json::json;

/// Requests at once.
const TOGETHER: usize = 4;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(model) = arguments.next().map(PathBuf::from) else {
        bail!("usage: picture_time MODEL [PICTURES]")
    };
    let pictures: u64 = arguments.next().map_or(Ok(5), |text| text.parse()).context("PICTURES")?;
    let start = Instant::now();
    let pipeline = Pipeline::load(&model, &LoadOptions::default())?;
    let load = start.elapsed();
    let modulated = pipeline.defaults().modulated_fraction;
    let mut times = [Vec::new(), Vec::new()];
    // In turns, so that whatever else the machine does falls on both; the first of each warms up.
    for seed in 0..=pictures {
        for (times, fraction) in times.iter_mut().zip([0.0, modulated]) {
            times.push(picture(&pipeline, fraction, seed)?);
        }
    }
    let [plain, modulated] = times.map(|times| median(times[1..].to_vec()).as_secs_f64());
    println!(
        "{}",
        json!({
            "load_s": load.as_secs_f64(),
            "plain_s": plain,
            "modulated_s": modulated,
            "together": TOGETHER,
            "turns_s": at_once(&pipeline, pictures)?,
            "together_s": at_once(&Pipeline::load(&model, &LoadOptions { max_batch: Some(TOGETHER), ..LoadOptions::default() })?, pictures)?,
        })
    );
    Ok(())
}

/// Seconds per picture of [`TOGETHER`] requests at once, which take turns or share the UNet's calls as the pipeline was loaded.
fn at_once(pipeline: &Pipeline, rounds: u64) -> anyhow::Result<f64> {
    let modulated = pipeline.defaults().modulated_fraction;
    let round = |seed| -> anyhow::Result<Duration> {
        let start = Instant::now();
        std::thread::scope(|scope| {
            let painters: Vec<_> =
                (0..TOGETHER).map(|_| scope.spawn(move || picture(pipeline, modulated, seed))).collect();
            painters.into_iter().try_for_each(|painter| match painter.join() {
                Ok(painted) => painted.map(drop),
                Err(_) => bail!("a painter panicked"),
            })
        })?;
        Ok(start.elapsed() / TOGETHER as u32)
    };
    let times = (0..=rounds).map(round).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(median(times[1..].to_vec()).as_secs_f64())
}

/// From texts and layout to pixels.
fn picture(pipeline: &Pipeline, fraction: f64, seed: u64) -> anyhow::Result<Duration> {
    let defaults = pipeline.defaults();
    let side = u32::try_from(defaults.width)?;
    let (generation, layout) =
        common::two_regions(pipeline, side, defaults.steps, fraction, common::number())?;
    let start = Instant::now();
    let painting = pipeline.generate(&generation, &layout, seed, &CancelToken::default(), &mut |_| ())?;
    for picture in painting.pictures() {
        picture?;
    }
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
