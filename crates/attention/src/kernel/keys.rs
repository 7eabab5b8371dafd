//! K, V and the keys' regions of one head, in the layout that the tiles read.

use super::buffer::Buffer;
use super::panels::{LANES, Panels};
use crate::{Dimensions, Element, Inputs};

/// The keys of one head. A thread reuses the memory for one head after another.
pub(super) struct Keys {
    /// M
    pub(super) len: usize,
    /// K transposed, d x M. The padding repeats the last key, so that it changes no extreme.
    pub(super) transposed: Panels,
    /// V, M x d; zeros pad it.
    pub(super) value: Panels,
    /// M of them, padded like the keys.
    pub(super) regions: Buffer<u32>,
    /// The batch item and head that are packed.
    packed: Option<(usize, usize)>,
}

impl Keys {
    pub(super) fn new(dimensions: Dimensions) -> Self {
        let Dimensions { keys: len, head_size, .. } = dimensions;
        let (transposed, value) = (Panels::new(head_size, len), Panels::new(len, head_size));
        Self { len, transposed, value, regions: Buffer::new(len.next_multiple_of(LANES)), packed: None }
    }

    /// Packs a head's keys, unless they are packed already.
    pub(super) fn pack<T: Element>(&mut self, inputs: &Inputs<'_, T>, batch: usize, head: usize) {
        if self.packed.replace((batch, head)) == Some((batch, head)) {
            return;
        }
        let Dimensions { head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let (key, value) = (inputs.key(batch, head), inputs.value(batch, head));
        let regions = inputs.key_regions(batch);
        let last = self.len - 1;
        self.transposed.fill_columns(|j| &key[j.min(last) * width..][..head_size]);
        self.value.fill_rows(|j| &value[j * width..][..head_size]);
        for (j, out) in self.regions.as_mut_slice().iter_mut().enumerate() {
            *out = regions[j.min(last)] as u32;
        }
    }

    /// Elements between two rows of logits: one vector of padding, because rows a power of two apart would
    /// share cache sets.
    pub(super) fn logits_stride(&self) -> usize {
        self.transposed.columns + LANES
    }
}
