//! The modulation's arrays that the UNet's attention layers take, for the whole batch.

use layout::{LevelMasks, LevelStrengths, Modulation, StepStrengths};

/// What stays the same over all steps.
#[derive(Debug)]
pub(crate) struct Modulator<'a> {
    pub settings: &'a Modulation,
    pub masks: LevelMasks,
    pub attention_levels: &'a [usize],
    /// Unconditional pictures in the batch, which are never modulated.
    pub unconditional: usize,
    /// Conditional pictures in the batch.
    pub conditional: usize,
}

impl Modulator<'_> {
    /// The levels that have attention layers and the regions of their cells as bit sets, `[N]`.
    pub fn pixel_regions(&self) -> Vec<(usize, Vec<i32>)> {
        self.attention_levels.iter().map(|&level| (level, self.masks.levels[level].regions.clone())).collect()
    }

    /// The strengths at step `step` of `steps`, at timestep `timestep` (0 to 1000): of every row of the batch, `[samples, N]`,
    /// unconditional pictures first, at the levels that have attention layers.
    pub fn at(&self, step: usize, steps: usize, timestep: f32) -> StepStrengths {
        let StepStrengths { levels, any } =
            self.settings.strengths(&self.masks, step, steps, f64::from(timestep));
        let batch = |row: &[f32]| {
            let mut all = vec![0.0; self.unconditional * row.len()];
            (0..self.conditional).for_each(|_| all.extend_from_slice(row));
            all
        };
        let level = |&index: &usize| LevelStrengths {
            self_attention: batch(&levels[index].self_attention),
            cross_attention: batch(&levels[index].cross_attention),
        };
        StepStrengths { levels: self.attention_levels.iter().map(level).collect(), any }
    }
}
