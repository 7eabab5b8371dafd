//! What the timings paint.
#![allow(dead_code, reason = "each example uses a part")]

pub mod clock;

use std::sync::atomic::{AtomicU64, Ordering};

use diffusion::Pipeline;
use layout::{Layout, LayoutWire};
use request::{Generation, GenerationRequest, LayoutRequest, RegionRequest};

/// One picture of `side` pixels with two regions, half and half, in `steps` steps of which `fraction` are modulated; all
/// else by the model's defaults. `number` stands in the text: what was encoded before is remembered.
pub fn two_regions(
    pipeline: &Pipeline,
    side: u32,
    steps: i64,
    fraction: f64,
    number: u64,
) -> anyhow::Result<(Generation, Layout)> {
    changed(pipeline, side, steps, fraction, number, |_| ())
}

/// As [`two_regions`], with other fields changed.
pub fn changed(
    pipeline: &Pipeline,
    side: u32,
    steps: i64,
    fraction: f64,
    number: u64,
    change: impl FnOnce(&mut GenerationRequest),
) -> anyhow::Result<(Generation, Layout)> {
    let pixels = (0..side * side).map(|pixel| u8::from(pixel % side > side / 2)).collect();
    let layout = Layout::new(side, side, 2, pixels)?;
    let region = |text: &str| RegionRequest { text: text.to_owned(), ..RegionRequest::default() };
    let regions = vec![region("a meadow"), region("a red car")];
    let mut request = GenerationRequest::new(LayoutRequest::Runs(LayoutWire::from(&layout)), regions);
    (request.width, request.height) = (Some(side.into()), Some(side.into()));
    request.prompt = Some(format!("a meadow , a red car , {number}"));
    request.steps = Some(steps);
    request.modulated_fraction = Some(fraction);
    change(&mut request);
    Ok((request.parse(pipeline.defaults())?, layout))
}

/// One that was not there before, for [`two_regions`].
pub fn number() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}
