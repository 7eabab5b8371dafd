//! How strongly each cell's attention is modulated at a step.

use crate::{Level, LevelMasks, Modulation};

/// The strengths of one level for one conditional sample; those of the unconditional half are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelStrengths {
    /// Of each cell's row in self-attention, `height * width` values.
    pub self_attention: Vec<f32>,
    /// Of each cell's row in cross-attention, `height * width` values.
    pub cross_attention: Vec<f32>,
}

/// The strengths of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepStrengths {
    /// One entry per level, finest first.
    pub levels: Vec<LevelStrengths>,
    /// Whether any value is not 0; if none is, attention is plain.
    pub any: bool,
}

impl Modulation {
    /// The strengths of step `step` (from 0) of `steps`, at the scheduler's timestep `t` (0 to 1000, may be fractional):
    ///
    /// `strength(i) = w * (t / 1000)^exponent * (1 - size_adjust * S(i)) * weight(i)`
    ///
    /// with w = w_s in self- and w_c in cross-attention (paper, section 3.3; for the neutral settings exactly the
    /// original's factor). `weight(i)` is the largest weight of the cell's regions whose window includes the step, 0 if
    /// none does, and 1 for a cell in no region, whose keys all count as outside. In a step that is not modulated all
    /// strengths are 0. With a `constant` c they are multiplied by -c, the operator's form of the ablation.
    pub fn strengths(&self, masks: &LevelMasks, step: usize, steps: usize, t: f64) -> StepStrengths {
        let settings = self.settings();
        let time =
            if self.is_modulated(step, steps) { (t.max(0.0) / 1000.0).powf(settings.exponent) } else { 0.0 };
        let form = settings.constant.map_or(1.0, |constant| -constant);
        let weights: Vec<f64> = (0..crate::MAX_REGIONS).map(|n| self.weight(n, step, steps)).collect();
        let level = |level: &Level| {
            let row = |w: f64| {
                let cells = level.regions.iter().zip(&level.areas);
                let strength = |(&set, &area): (&i32, &f32)| {
                    let adjustment = 1.0 - settings.size_adjust * f64::from(area);
                    (form * w * time * adjustment * cell_weight(set, &weights)) as f32
                };
                cells.map(strength).collect()
            };
            LevelStrengths { self_attention: row(settings.w_self), cross_attention: row(settings.w_cross) }
        };
        let levels: Vec<LevelStrengths> = masks.levels.iter().map(level).collect();
        let rows = levels.iter().flat_map(|level| [&level.self_attention, &level.cross_attention]);
        let any = rows.flatten().any(|&strength| strength != 0.0);
        StepStrengths { levels, any }
    }

    /// The weight of region `n` at a step, 0 outside the region's window.
    fn weight(&self, n: usize, step: usize, steps: usize) -> f64 {
        let region = self.region(n);
        let (step, steps) = (step as f64, steps as f64);
        if region.start * steps <= step && step < region.end * steps { region.weight } else { 0.0 }
    }
}

fn cell_weight(set: i32, weights: &[f64]) -> f64 {
    if set == 0 {
        return 1.0;
    }
    // From the lowest bit on.
    let sets = std::iter::successors(Some(set as u32), |set| Some(set & set.wrapping_sub(1)));
    let members = sets.take_while(|&set| set != 0).map(|set| weights[set.trailing_zeros() as usize]);
    members.fold(0.0, f64::max)
}
