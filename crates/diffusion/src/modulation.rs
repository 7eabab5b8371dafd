//! The arrays by which the UNet's attention layers are modulated, for the whole batch.

use std::cell::OnceCell;
use std::sync::Arc;

use layout::{LevelMasks, Modulation, StepStrengths};
use request::Generation;

use crate::guidance::Guidance;

/// Computes the strengths of each step from what all steps share.
#[derive(Debug)]
pub(crate) struct Modulator<'a> {
    settings: &'a Modulation,
    masks: &'a LevelMasks,
    attention_levels: &'a [usize],
    guidance: &'a Guidance,
    /// Conditional pictures in the batch.
    conditional: usize,
    /// The strengths of steps without modulation, which are most.
    plain: OnceCell<Arc<Strengths>>,
}

/// The strengths of one step.
#[derive(Debug)]
pub(crate) struct Strengths {
    /// For each level that has attention layers.
    pub levels: Vec<LevelStrengths>,
    /// Whether any is not 0.
    pub any: bool,
}

/// The strengths at one resolution, for every row of the batch, `[samples, N]`.
#[derive(Debug)]
pub(crate) struct LevelStrengths {
    pub self_attention: Arc<[f32]>,
    pub cross_attention: Arc<[f32]>,
}

impl<'a> Modulator<'a> {
    /// Creates one for the layers at `attention_levels`, with the regions' masks at each level.
    pub fn new(
        generation: &'a Generation,
        masks: &'a LevelMasks,
        attention_levels: &'a [usize],
        guidance: &'a Guidance,
    ) -> Self {
        let (settings, conditional) = (&generation.modulation, generation.samples);
        Self { settings, masks, attention_levels, guidance, conditional, plain: OnceCell::new() }
    }

    /// Returns the levels that have attention layers, with their cells' regions as bit sets, `[N]`.
    pub fn pixel_regions(&self) -> Vec<(usize, Arc<[i32]>)> {
        let regions = |level: usize| self.masks.levels[level].regions.as_slice().into();
        self.attention_levels.iter().map(|&level| (level, regions(level))).collect()
    }

    /// Returns the strengths at this step and timestep (0 to 1000), unconditional samples first.
    pub fn at(&self, step: usize, steps: usize, timestep: f32) -> Arc<Strengths> {
        let compute = || Arc::new(self.compute(step, steps, timestep));
        match self.settings.is_modulated(step, steps) {
            true => compute(),
            false => Arc::clone(self.plain.get_or_init(compute)),
        }
    }

    fn compute(&self, step: usize, steps: usize, timestep: f32) -> Strengths {
        let StepStrengths { levels, any } =
            self.settings.strengths(self.masks, step, steps, f64::from(timestep));
        let batch = |row: &[f32]| {
            let mut all = vec![0.0; self.guidance.unconditional * row.len()];
            (0..self.conditional).for_each(|_| all.extend_from_slice(row));
            all.into()
        };
        let level = |&index: &usize| LevelStrengths {
            self_attention: batch(&levels[index].self_attention),
            cross_attention: batch(&levels[index].cross_attention),
        };
        Strengths { levels: self.attention_levels.iter().map(level).collect(), any }
    }
}
