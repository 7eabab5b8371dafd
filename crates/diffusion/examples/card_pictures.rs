//! Pictures that a card paints beside those of the CPU, one and four at once in turns, plain and modulated; a line of JSON for each:
//! `cargo run -p diffusion --example card_pictures -- MODEL [DEVICE] [CUDA_OPTIONS]`, on the first card by default. It fails where
//! they differ by more than f16 explains.
//!
//! `cargo xtask bench --cuda` runs it on the embedded model.

mod common;

use std::path::PathBuf;

use anyhow::{Context, bail};
use diffusion::{CancelToken, CudaOptions, Device, LoadOptions, Pipeline};
use serde_json::json;

const SIDE: u32 = 256;
const STEPS: i64 = 15;
/// The mean difference of a channel, of 255. On an H100 it is 0.1 to 0.4; other pictures differ by 30.
const ALLOWED: f64 = 2.0;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let model =
        arguments.next().map(PathBuf::from).context("usage: card_pictures MODEL [DEVICE] [CUDA_OPTIONS]")?;
    let device: Device = arguments.next().as_deref().unwrap_or("cuda").parse()?;
    let cuda: CudaOptions = arguments.next().as_deref().unwrap_or_default().parse()?;
    let load = |options| Pipeline::load(&model, &options);
    let theirs = load(LoadOptions { device: Device::Cpu, ..LoadOptions::default() })?;
    let ours = load(LoadOptions { device, cuda, ..LoadOptions::default() })?;
    let mut wrong = 0;
    // What one size keeps on the card must outlast the other.
    for samples in [1, 4, 1, 4] {
        for (name, fraction) in [("plain", 0.0), ("modulated", theirs.defaults().modulated_fraction)] {
            let [ours, theirs] = [&ours, &theirs].map(|pipeline| paint(pipeline, samples, fraction));
            let (ours, theirs) = (ours?, theirs?);
            let differences = || ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
            let mean = differences().map(f64::from).sum::<f64>() / ours.len() as f64;
            println!(
                "{}",
                json!({"batch": samples, "name": name, "mean": mean, "largest": differences().max()})
            );
            wrong += usize::from(mean > ALLOWED || ours.len() != theirs.len());
        }
    }
    if wrong > 0 {
        bail!(
            "{wrong} of these are other pictures than the CPU's: at most {ALLOWED} of 255 are allowed in the mean"
        );
    }
    Ok(())
}

/// The pixels of all pictures.
fn paint(pipeline: &Pipeline, samples: i64, fraction: f64) -> anyhow::Result<Vec<u8>> {
    let (generation, layout) =
        common::changed(pipeline, SIDE, STEPS, fraction, 0, |request| request.samples = Some(samples))?;
    let painting = pipeline.generate(&generation, &layout, 0, &CancelToken::default(), &mut |_| ())?;
    let mut pixels = Vec::new();
    for picture in painting.pictures() {
        pixels.extend(picture?.image.into_raw());
    }
    Ok(pixels)
}
