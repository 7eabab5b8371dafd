//! The arrays that the UNet's attention layers take at one step, for the whole batch.

use layout::{LevelMasks, Modulation};

/// The modulation's inputs of one call of the UNet on `samples` pictures, unconditional ones first.
#[derive(Debug)]
pub(crate) struct StepModulation {
    /// Whether any row is modulated; if not, attention is plain.
    pub active: bool,
    /// The regions of every token as bit sets, `[tokens]`.
    pub token_regions: Vec<i32>,
    /// The levels that have attention layers.
    pub levels: Vec<LevelModulation>,
}

/// The inputs of one resolution level of N cells.
#[derive(Debug)]
pub(crate) struct LevelModulation {
    /// The level: how often the latents were halved.
    pub index: usize,
    /// The regions of every cell as bit sets, `[N]`.
    pub pixel_regions: Vec<i32>,
    /// Strength of every row in self-attention, `[samples, N]`.
    pub self_strength: Vec<f32>,
    /// Strength of every row in cross-attention, `[samples, N]`.
    pub cross_strength: Vec<f32>,
}

/// What stays the same over all steps.
#[derive(Debug)]
pub(crate) struct Modulator<'a> {
    pub settings: &'a Modulation,
    pub masks: LevelMasks,
    pub attention_levels: &'a [usize],
    pub token_regions: Vec<i32>,
    /// Unconditional pictures in the batch, which are never modulated.
    pub unconditional: usize,
    /// Conditional pictures in the batch.
    pub conditional: usize,
}

impl Modulator<'_> {
    /// The inputs at step `step` of `steps`, at timestep `timestep` (0 to 1000).
    pub fn at(&self, step: usize, steps: usize, timestep: f32) -> StepModulation {
        let strengths = self.settings.strengths(&self.masks, step, steps, f64::from(timestep));
        let batch = |row: &[f32]| {
            let mut all = vec![0.0; self.unconditional * row.len()];
            (0..self.conditional).for_each(|_| all.extend_from_slice(row));
            all
        };
        let level = |&index: &usize| LevelModulation {
            index,
            pixel_regions: self.masks.levels[index].regions.clone(),
            self_strength: batch(&strengths.levels[index].self_attention),
            cross_strength: batch(&strengths.levels[index].cross_attention),
        };
        StepModulation {
            active: strengths.any,
            token_regions: self.token_regions.clone(),
            levels: self.attention_levels.iter().map(level).collect(),
        }
    }
}
