//! The arrays that the attention layers take against those of the original's arithmetic in PyTorch.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Run, max_distance, tolerance};
use layout::LevelMasks;

const RUNS: [&str; 4] = ["sd1", "sd2", "shallow", "oblong"];

fn masks(run: &Run) -> LevelMasks {
    let sizes = run.i32("level_sizes");
    let latent = (sizes[0] as usize, sizes[1] as usize);
    LevelMasks::new(&run.layout, latent, sizes.len() / 2, run.generation.masks).unwrap()
}

#[test]
fn every_cell_of_every_level_is_in_the_recorded_regions() {
    for name in RUNS {
        let run = Run::open(name);
        for (index, level) in masks(&run).levels.iter().enumerate() {
            let size = [level.height as i32, level.width as i32];
            assert_eq!(size, run.i32("level_sizes")[2 * index..][..2], "{name}, level {index}");
            assert_eq!(level.regions, run.i32(&format!("pixel_regions_{index}")), "{name}, level {index}");
        }
    }
}

#[test]
fn strengths_are_those_of_the_original_at_the_first_and_the_last_modulated_step() {
    for name in RUNS {
        let run = Run::open(name);
        let (masks, timesteps) = (masks(&run), run.f32("timesteps"));
        for step in run.i32("strength_steps") {
            let timestep = timesteps[step as usize];
            let strengths = run.generation.modulation.strengths(
                &masks,
                step as usize,
                timesteps.len(),
                f64::from(timestep),
            );
            for (index, level) in strengths.levels.iter().enumerate() {
                for (kind, ours) in [("self", &level.self_attention), ("cross", &level.cross_attention)] {
                    let distance =
                        max_distance(ours, &run.f32(&format!("{kind}_strength_{index}.step_{step:03}")));
                    assert!(
                        distance <= tolerance("/strengths"),
                        "{name}, step {step}, level {index}, {kind}: off by {distance:e}"
                    );
                }
            }
        }
    }
}
