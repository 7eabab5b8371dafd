//! K, V and the keys' regions of one head, in the form that the tiles read.

use std::borrow::Cow;

use crate::{Dimensions, Element, Inputs};

/// Logits are padded to a multiple of this, the widest vector of f32 (AVX-512).
pub(super) const LANES: usize = 16;

/// The keys of one head, shared by all its tiles.
pub(super) struct Keys<'a> {
    /// M
    pub(super) len: usize,
    /// M rounded up to whole vectors. The padding repeats the last key, so that it changes no extreme.
    pub(super) padded: usize,
    /// Elements between two rows of `transposed` and of a tile of logits: a vector more than `padded`, because rows a
    /// power of two apart would share cache sets.
    pub(super) stride: usize,
    /// `[d, padded]`, rows `stride` apart.
    pub(super) transposed: Vec<f32>,
    /// `[M, d]`, rows `value_stride` apart.
    pub(super) value: Cow<'a, [f32]>,
    pub(super) value_stride: usize,
    /// `[padded]`
    pub(super) regions: Vec<u32>,
}

impl<'a> Keys<'a> {
    pub(super) fn new<T: Element>(inputs: &Inputs<'a, T>, batch: usize, head: usize) -> Self {
        let Dimensions { keys: len, head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let padded = len.next_multiple_of(LANES);
        let stride = padded + LANES;

        let key = inputs.key(batch, head);
        let mut transposed = vec![0.0; head_size * stride];
        // A block of keys at a time: reads and writes both stay in the L1 cache.
        for block in (0..padded).step_by(LANES) {
            for (e, row) in transposed.chunks_exact_mut(stride).enumerate() {
                for (j, out) in row[block..block + LANES].iter_mut().enumerate() {
                    *out = key[(block + j).min(len - 1) * width + e].to_f32();
                }
            }
        }

        let value = inputs.value(batch, head);
        let (value, value_stride) = match T::as_f32(value) {
            Some(value) => (Cow::Borrowed(value), width),
            None => {
                let rows = value.chunks(width).flat_map(|row| &row[..head_size]);
                (rows.map(|x| x.to_f32()).collect(), head_size)
            }
        };

        let regions = inputs.key_regions(batch);
        let regions = (0..padded).map(|j| regions[j.min(len - 1)] as u32).collect();
        Self { len, padded, stride, transposed, value, value_stride, regions }
    }
}
