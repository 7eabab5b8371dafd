//! K, V and the keys' regions of one head, in the form that the tiles read.

use super::panels::{LANES, Panels};
use crate::{Dimensions, Element, Inputs};

/// The keys of one head, shared by all its tiles.
pub(super) struct Keys {
    /// M
    pub(super) len: usize,
    /// K transposed, d x M. The padding repeats the last key, so that it changes no extreme.
    pub(super) transposed: Panels,
    /// V, M x d; zeros pad it.
    pub(super) value: Panels,
    /// M of them, padded like the keys.
    pub(super) regions: Vec<u32>,
}

impl Keys {
    pub(super) fn new<T: Element>(inputs: &Inputs<'_, T>, batch: usize, head: usize) -> Self {
        let Dimensions { keys: len, head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let (key, value) = (inputs.key(batch, head), inputs.value(batch, head));
        let regions = inputs.key_regions(batch);
        Self {
            len,
            transposed: Panels::pack(head_size, len, |e, j| key[j.min(len - 1) * width + e].to_f32()),
            value: Panels::pack(len, head_size, |j, e| {
                if e < head_size { value[j * width + e].to_f32() } else { 0.0 }
            }),
            regions: (0..len.next_multiple_of(LANES)).map(|j| regions[j.min(len - 1)] as u32).collect(),
        }
    }

    /// Elements between two rows of logits: a vector more than there are, because rows a power of two apart would
    /// share cache sets.
    pub(super) fn logits_stride(&self) -> usize {
        self.transposed.columns + LANES
    }
}
