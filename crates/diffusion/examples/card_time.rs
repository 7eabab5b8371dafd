//! Seconds per picture of 512x512 pixels in 50 guided steps and the card's memory, with and without modulation, for one and for
//! four pictures at once; a line of JSON for each as soon as it is known: `cargo run -p diffusion --example card_time -- MODEL
//! [PICTURES] [SIDE] [STEPS] [DEVICE] [CUDA_OPTIONS] [f16|f32]`, on the first card in f16 by default.
//!
//! `cargo xtask bench --cuda` sets it beside diffusers' PyTorch on the same card.

mod common;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use diffusion::{CancelToken, CudaOptions, Device, LoadOptions, Pipeline, Precision, Progress};
use request::Scheduler;
use serde_json::json;

/// Pictures at once.
const BATCHES: [usize; 2] = [1, 4];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(model) = arguments.next().map(PathBuf::from) else {
        bail!("usage: card_time MODEL [PICTURES] [SIDE] [STEPS] [DEVICE] [CUDA_OPTIONS] [f16|f32]")
    };
    let mut number = |name: &'static str, default: u32| {
        arguments.next().map_or(Ok(default), |text| text.parse()).context(name)
    };
    let (pictures, side, steps) = (number("PICTURES", 2)?, number("SIDE", 512)?, number("STEPS", 50)?);
    let device: Device = arguments.next().as_deref().unwrap_or("cuda").parse()?;
    let cuda: CudaOptions = arguments.next().as_deref().unwrap_or_default().parse()?;
    let precision = match arguments.next().as_deref() {
        None => None,
        Some("f16") => Some(Precision::F16),
        Some("f32") => Some(Precision::F32),
        Some(other) => bail!("{other:?} is no precision"),
    };
    common::clock::start()?;
    let choice = device.explain()?;
    let before = card_memory();
    let start = Instant::now();
    let options = LoadOptions { device: choice.device, cuda, precision, ..LoadOptions::default() };
    let pipeline = Pipeline::load(&model, &options)?;
    println!("{}", json!({"device": choice.to_string(), "load_s": start.elapsed().as_secs_f64()}));
    for samples in BATCHES {
        for (name, fraction) in [("plain", 0.0), ("modulated", pipeline.defaults().modulated_fraction)] {
            let timed = (0..=pictures)
                .map(|_| time(&pipeline, samples, side, steps.into(), fraction))
                .collect::<anyhow::Result<Vec<_>>>();
            let memory = card_memory().zip(before).map(|(now, before)| now.saturating_sub(before));
            let mut line = json!({"batch": samples, "name": name, "memory_mib": memory});
            match timed.as_deref() {
                // The first warms up.
                Ok([first, rest @ ..]) => {
                    let least = |of: fn(&Times) -> f64| rest.iter().map(of).fold(f64::INFINITY, f64::min);
                    line["first_s"] = json!(first.whole);
                    line["picture_s"] = json!(least(|times| times.whole));
                    line["step_s"] = json!(least(|times| times.step));
                    line["beside_unet_s"] = json!(least(|times| times.beside_unet));
                    line["failure"] = json!(rest.iter().find_map(|times| times.failure.clone()));
                }
                Ok([]) => {}
                Err(error) => line["failure"] = json!(format!("{error:#}")),
            }
            println!("{line}");
        }
    }
    Ok(())
}

struct Times {
    /// From texts to pixels.
    whole: f64,
    /// The mean step.
    step: f64,
    /// What is not the UNet of it.
    beside_unet: f64,
    /// Random weights may give no numbers: the times count all the same, up to there.
    failure: Option<String>,
}

fn time(pipeline: &Pipeline, samples: usize, side: u32, steps: i64, fraction: f64) -> anyhow::Result<Times> {
    let (generation, layout) =
        common::changed(pipeline, side, steps, fraction, common::number(), |request| {
            request.samples = Some(samples as i64);
            request.scheduler = Some(Scheduler::Ddim);
        })?;
    let start = Instant::now();
    let (mut marks, mut unet) = (Vec::new(), Vec::new());
    let cancel = CancelToken::default();
    let mut watch = |_: &Progress<'_>| {
        marks.push(start.elapsed().as_secs_f64());
        unet.push(common::clock::running().as_secs_f64());
    };
    let painted = pipeline
        .generate(&generation, &layout, 0, &cancel, &mut watch)
        .and_then(|painting| painting.pictures().try_for_each(|picture| picture.map(drop)));
    let ([first, .., last], [unet_first, .., unet_last]) = (&marks[..], &unet[..]) else {
        bail!("no step: {:?}", painted.err())
    };
    let per_step = |time: f64| time / (marks.len() - 1) as f64;
    Ok(Times {
        whole: start.elapsed().as_secs_f64(),
        step: per_step(last - first),
        beside_unet: per_step((last - first) - (unet_last - unet_first)),
        failure: painted.err().map(|error| error.to_string()),
    })
}

/// MiB of the first card that are in use, by all programs.
fn card_memory() -> Option<u64> {
    let mut command = Command::new("nvidia-smi");
    command.args(["--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]);
    String::from_utf8(command.output().ok()?.stdout).ok()?.trim().parse().ok()
}
