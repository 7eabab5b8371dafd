//! The modulation's arrays that the UNet's attention layers take, for the whole batch.

use layout::{LevelMasks, Modulation};

/// How strongly one call of the UNet is modulated, unconditional pictures first.
#[derive(Debug)]
pub(crate) struct StepModulation {
    /// Whether any row is modulated; if not, attention is plain.
    pub active: bool,
    /// The levels that have attention layers.
    pub levels: Vec<LevelStrength>,
}

/// The strength of every row at one resolution level of N cells, `[samples, N]`.
#[derive(Debug)]
pub(crate) struct LevelStrength {
    pub self_attention: Vec<f32>,
    pub cross_attention: Vec<f32>,
}

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

    /// The strengths at step `step` of `steps`, at timestep `timestep` (0 to 1000).
    pub fn at(&self, step: usize, steps: usize, timestep: f32) -> StepModulation {
        let strengths = self.settings.strengths(&self.masks, step, steps, f64::from(timestep));
        let batch = |row: &[f32]| {
            let mut all = vec![0.0; self.unconditional * row.len()];
            (0..self.conditional).for_each(|_| all.extend_from_slice(row));
            all
        };
        let level = |&index: &usize| LevelStrength {
            self_attention: batch(&strengths.levels[index].self_attention),
            cross_attention: batch(&strengths.levels[index].cross_attention),
        };
        StepModulation { active: strengths.any, levels: self.attention_levels.iter().map(level).collect() }
    }
}
