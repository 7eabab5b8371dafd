//! The modulation's arrays that the UNet's attention layers take, for the whole batch.

use std::cell::OnceCell;
use std::sync::Arc;

use layout::{LevelMasks, Modulation, StepStrengths};
use request::Generation;

use crate::guidance::Guidance;

/// What stays the same over all steps.
#[derive(Debug)]
pub(crate) struct Modulator<'a> {
    settings: &'a Modulation,
    masks: &'a LevelMasks,
    attention_levels: &'a [usize],
    guidance: &'a Guidance,
    /// Conditional pictures in the batch.
    conditional: usize,
    /// The strengths of steps that are not modulated, which are most.
    plain: OnceCell<Arc<Strengths>>,
}

/// The strengths of one step.
#[derive(Debug)]
pub(crate) struct Strengths {
    /// Of the levels that have attention layers.
    pub levels: Vec<LevelStrengths>,
    /// Whether one is not 0.
    pub any: bool,
}

/// Those at one resolution, of every row of the batch, `[samples, N]`.
#[derive(Debug)]
pub(crate) struct LevelStrengths {
    pub self_attention: Arc<[f32]>,
    pub cross_attention: Arc<[f32]>,
}

impl<'a> Modulator<'a> {
    /// For the layers at `attention_levels`, by what lies where at each level.
    pub fn new(
        generation: &'a Generation,
        masks: &'a LevelMasks,
        attention_levels: &'a [usize],
        guidance: &'a Guidance,
    ) -> Self {
        let (settings, conditional) = (&generation.modulation, generation.samples);
        Self { settings, masks, attention_levels, guidance, conditional, plain: OnceCell::new() }
    }

    /// The levels that have attention layers and the regions of their cells as bit sets, `[N]`.
    pub fn pixel_regions(&self) -> Vec<(usize, Arc<[i32]>)> {
        let regions = |level: usize| self.masks.levels[level].regions.as_slice().into();
        self.attention_levels.iter().map(|&level| (level, regions(level))).collect()
    }

    /// The strengths at step `step` of `steps`, at timestep `timestep` (0 to 1000), unconditional pictures first.
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
