//! One tile of query rows of one head.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::buffer::Buffer;
use super::keys::Keys;
use super::output::Output;
use super::panels::LANES;
use super::product::{Rows, product};
use super::rows::{Row, softmax};
use crate::{Dimensions, Element, Inputs, reference};

/// A task's memory for the tile that it works on.
pub(super) struct Scratch {
    /// `[rows, d]`
    query: Buffer<f32>,
    /// `[rows, M]`, rows [`Keys::logits_stride`] apart: logits, then weights.
    logits: Buffer<f32>,
    /// `[rows, d]`, rows padded to whole vectors.
    attended: Buffer<f32>,
    /// `[rows]`: the sum of each row's weights.
    sums: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(dimensions: Dimensions, rows: usize, keys: &Keys) -> Self {
        let rows = rows.min(dimensions.queries);
        Self {
            query: Buffer::new(rows * dimensions.head_size),
            logits: Buffer::new(rows * keys.logits_stride()),
            attended: Buffer::new(rows * keys.value.columns),
            sums: vec![0.0; rows],
        }
    }
}

/// The rows of one head that one task computes.
pub(super) struct Tile<'a, T> {
    pub(super) inputs: &'a Inputs<'a, T>,
    pub(super) keys: &'a Keys,
    pub(super) batch: usize,
    pub(super) head: usize,
    pub(super) rows: Range<usize>,
    pub(super) scratch: &'a mut Scratch,
}

impl<T: Element> WithSimd for &mut Tile<'_, T> {
    type Output = ();

    /// Fills `scratch.attended` and `scratch.sums`.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Tile { inputs, keys, batch, head, ref rows, ref mut scratch } = *self;
        let Dimensions { head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let count = rows.len();
        let Scratch { query, logits, attended, sums } = &mut **scratch;

        let (query, logits) = (query.as_mut_slice(), logits.as_mut_slice());
        let head_query = inputs.query(batch, head);
        for (row, out) in rows.clone().zip(query.chunks_exact_mut(head_size)) {
            for (out, x) in out.iter_mut().zip(&head_query[row * width..][..head_size]) {
                *out = x.to_f32();
            }
        }
        let stride = keys.logits_stride();
        let query = Rows { data: query, stride: head_size, count };
        product(simd, query, &keys.transposed, inputs.scale(), logits, stride);

        let regions = &inputs.query_regions(batch)[rows.clone()];
        let strength = &inputs.strength(batch)[rows.clone()];
        for (r, (row, sum)) in logits.chunks_exact_mut(stride).zip(sums.iter_mut()).take(count).enumerate() {
            let modulation = Row { regions: regions[r] as u32, strength: strength[r] };
            *sum = softmax(simd, &mut row[..stride - LANES], keys.regions.as_slice(), keys.len, modulation);
        }

        let weights = Rows { data: logits, stride, count };
        product(simd, weights, &keys.value, 1.0, attended.as_mut_slice(), keys.value.columns);
    }
}

impl<T: Element> Tile<'_, T> {
    /// Writes the result, and recomputes the rows that overflowed f32.
    pub(super) fn write(&self, output: &Output<'_, T>) {
        let Self { inputs, keys, batch, head, .. } = *self;
        let Dimensions { queries, head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let attended = self.scratch.attended.as_slice().chunks_exact(keys.value.columns);
        let mut finite_inputs = None;
        for ((i, sum), attended) in self.rows.clone().zip(&self.scratch.sums).zip(attended) {
            let start = (batch * queries + i) * width + head * head_size;
            #[allow(unsafe_code, reason = "threads share the output")]
            // SAFETY: each (batch, head, row) belongs to one task, and a task uses one part at a time.
            let out = unsafe { output.part(start, head_size) };
            let reciprocal = 1.0 / sum;
            let mut finite = true;
            for (out, x) in out.iter_mut().zip(attended) {
                let x = x * reciprocal;
                finite &= x.is_finite();
                *out = T::from_f32(x);
            }
            // Finite inputs can exceed f32 in logits or sums. An infinite or NaN input stays NaN.
            if !finite && *finite_inputs.get_or_insert_with(|| self.finite_inputs()) {
                for (out, x) in out.iter_mut().zip(reference::attend_row(inputs, batch, head, i)) {
                    *out = T::from_f32(x as f32);
                }
            }
        }
    }

    fn finite_inputs(&self) -> bool {
        let Self { inputs, batch, head, .. } = *self;
        let Dimensions { head_size, .. } = inputs.dimensions();
        let width = inputs.dimensions().width();
        let finite = |data: &[T]| {
            data.chunks(width).all(|row| row[..head_size].iter().all(|x| x.to_f32().is_finite()))
        };
        inputs.strength(batch).iter().all(|x| x.is_finite())
            && finite(inputs.query(batch, head))
            && finite(inputs.key(batch, head))
            && finite(inputs.value(batch, head))
    }
}
