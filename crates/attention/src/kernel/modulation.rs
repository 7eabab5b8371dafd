//! A row's modulation and the shift of its softmax as one linear function per group of keys.

/// What the modulation needs of a row's logits. A strength above 1 reverses their order: then the tops are
/// the smallest, and the bottom is the largest.
#[derive(Clone, Copy)]
pub(super) struct Extremes {
    /// The largest logit inside; -infinity if there is none.
    pub(super) top_in: f32,
    /// The same outside.
    pub(super) top_out: f32,
    /// The smallest of all.
    pub(super) bottom: f32,
}

/// Turns a logit into the softmax's argument: `slope * (sim - top) + offset`.
///
/// With `top` the logit that becomes its group's largest, the first term is at most 0, and exactly 0 there,
/// however large the logits are. The offset is 0 for the group that holds the row's largest.
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

/// Whether the modulation reverses the order of a row's logits.
pub(super) fn is_turned(strength: f32) -> bool {
    strength > 1.0
}

impl Modulation {
    /// sim' = (1 - s) sim + s max (inside) or s min (outside), or sim ± |s| if s < 0; minus the largest.
    pub(super) fn new(strength: f32, extremes: Extremes) -> Self {
        let Extremes { top_in, top_out, bottom } = extremes;
        let turned = is_turned(strength);
        let strength = f64::from(strength);
        let (slope, up, down) = if strength < 0.0 {
            (1.0, -strength, strength)
        } else {
            let top = if turned { top_in.min(top_out) } else { top_in.max(top_out) };
            let (max, min) = if turned { (bottom, top) } else { (top, bottom) };
            (1.0 - strength, strength * f64::from(max), strength * f64::from(min))
        };
        let none = if turned { f32::INFINITY } else { f32::NEG_INFINITY };
        let largest =
            |top: f32, added| if top == none { f64::NEG_INFINITY } else { slope * f64::from(top) + added };
        let (largest_in, largest_out) = (largest(top_in, up), largest(top_out, down));
        let shift = largest_in.max(largest_out);
        Self {
            slope: slope as f32,
            inside: Group { top: top_in, offset: (largest_in - shift) as f32 },
            outside: Group { top: top_out, offset: (largest_out - shift) as f32 },
        }
    }
}
