//! A row's modulation and the shift of its softmax as one linear function per group of keys.

/// The smallest and the largest logit of a group; `min > max` says that the group is empty.
#[derive(Clone, Copy)]
pub(super) struct Extremes {
    pub(super) min: f32,
    pub(super) max: f32,
}

/// What turns a logit into the softmax's argument: `slope * (sim - top) + offset`.
///
/// With top = the logit that the modulation makes its group's largest, the first term is never above 0 and exactly 0
/// at that logit, however large the logits are. The offset is 0 for the group that holds the row's largest.
#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) top: f32,
    pub(super) offset: f32,
}

/// The modulation of one row.
pub(super) struct Modulation {
    pub(super) slope: f32,
    pub(super) inside: Group,
    pub(super) outside: Group,
}

impl Modulation {
    /// sim' = (1 - s) sim + s max inside and (1 - s) sim + s min outside, less the largest sim'; sim ± |s| where s < 0.
    pub(super) fn new(strength: f32, inside: Extremes, outside: Extremes) -> Self {
        let strength = f64::from(strength);
        let (slope, up, down) = if strength < 0.0 {
            (1.0, -strength, strength)
        } else {
            let max = f64::from(inside.max.max(outside.max));
            let min = f64::from(inside.min.min(outside.min));
            (1.0 - strength, strength * max, strength * min)
        };
        // Past a strength of 1 the slope is negative: the smallest logit becomes the largest.
        let top = |group: Extremes| if slope < 0.0 { group.min } else { group.max };
        let largest = |group: Extremes, added: f64| {
            if group.min > group.max { f64::NEG_INFINITY } else { slope * f64::from(top(group)) + added }
        };
        let (largest_in, largest_out) = (largest(inside, up), largest(outside, down));
        let shift = largest_in.max(largest_out);
        Self {
            slope: slope as f32,
            inside: Group { top: top(inside), offset: (largest_in - shift) as f32 },
            outside: Group { top: top(outside), offset: (largest_out - shift) as f32 },
        }
    }
}
