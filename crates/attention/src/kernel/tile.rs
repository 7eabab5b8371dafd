//! One tile of query rows of one head.

use std::ops::Range;

use super::keys::Keys;
use super::output::Output;
use super::rows::{Row, softmax};
use crate::{Dimensions, Element, Inputs, reference};

/// What a thread needs to work on a tile.
pub(super) struct Scratch {
    /// `[rows, d]`
    query: Vec<f32>,
    /// `[rows, padded]`, rows `stride` apart: logits, then weights.
    logits: Vec<f32>,
    /// `[rows, d]`
    attended: Vec<f32>,
    /// `[rows]`: the sum of each row's weights.
    sums: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(dimensions: Dimensions, rows: usize, keys: &Keys<'_>) -> Self {
        let rows = rows.min(dimensions.queries);
        Self {
            query: vec![0.0; rows * dimensions.head_size],
            logits: vec![0.0; rows * keys.stride],
            attended: vec![0.0; rows * dimensions.head_size],
            sums: vec![0.0; rows],
        }
    }
}

/// Computes the rows of one head and writes them to the output.
pub(super) fn attend<T: Element>(
    inputs: &Inputs<'_, T>,
    keys: &Keys<'_>,
    batch: usize,
    head: usize,
    rows: Range<usize>,
    scratch: &mut Scratch,
    output: &Output<'_, T>,
) {
    let Dimensions { queries, head_size, .. } = inputs.dimensions();
    let width = inputs.dimensions().width();
    let Scratch { query, logits, attended, sums } = scratch;
    let count = rows.len();

    let head_query = inputs.query(batch, head);
    for (row, out) in rows.clone().zip(query.chunks_exact_mut(head_size)) {
        for (out, x) in out.iter_mut().zip(&head_query[row * width..][..head_size]) {
            *out = x.to_f32();
        }
    }
    product(
        (count, keys.padded, head_size),
        inputs.scale(),
        Matrix { data: query, stride: head_size },
        Matrix { data: &keys.transposed, stride: keys.stride },
        logits,
        keys.stride,
    );

    let regions = &inputs.query_regions(batch)[rows.clone()];
    let strength = &inputs.strength(batch)[rows.clone()];
    let row = |r: usize| Row { regions: regions[r] as u32, strength: strength[r] };
    softmax(&mut logits[..count * keys.stride], keys, row, &mut sums[..count]);

    product(
        (count, head_size, keys.len),
        1.0,
        Matrix { data: logits, stride: keys.stride },
        Matrix { data: &keys.value, stride: keys.value_stride },
        attended,
        head_size,
    );

    let mut finite_inputs = None;
    for ((i, sum), attended) in rows.zip(&*sums).zip(attended.chunks_exact(head_size)) {
        let start = (batch * queries + i) * width + head * head_size;
        #[allow(unsafe_code, reason = "threads share the output")]
        // SAFETY: each (batch, head, row) belongs to one task, and a task uses one part at a time.
        let out = unsafe { output.part(start, head_size) };
        let reciprocal = 1.0 / sum;
        for (out, x) in out.iter_mut().zip(attended) {
            *out = T::from_f32(x * reciprocal);
        }
        // Finite inputs can have logits or sums beyond f32. An infinite or NaN input stays NaN.
        let overflow = attended.iter().any(|x| !(x * reciprocal).is_finite());
        if overflow && *finite_inputs.get_or_insert_with(|| all_finite(inputs, batch, head)) {
            for (out, x) in out.iter_mut().zip(reference::attend_row(inputs, batch, head, i)) {
                *out = T::from_f32(x as f32);
            }
        }
    }
}

fn all_finite<T: Element>(inputs: &Inputs<'_, T>, batch: usize, head: usize) -> bool {
    let Dimensions { head_size, .. } = inputs.dimensions();
    let width = inputs.dimensions().width();
    inputs.strength(batch).iter().all(|x| x.is_finite())
        && [inputs.query(batch, head), inputs.key(batch, head), inputs.value(batch, head)]
            .iter()
            .all(|data| data.chunks(width).all(|row| row[..head_size].iter().all(|x| x.to_f32().is_finite())))
}

/// A row-major matrix.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    data: &'a [f32],
    /// Elements between two rows.
    stride: usize,
}

impl Matrix<'_> {
    fn holds(&self, rows: usize, columns: usize) -> bool {
        columns <= self.stride && self.data.len() >= (rows - 1) * self.stride + columns
    }
}

/// `out = factor * lhs * rhs`, m x k times k x n, all row-major.
fn product(
    (m, n, k): (usize, usize, usize),
    factor: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
    out: &mut [f32],
    stride: usize,
) {
    assert!(lhs.holds(m, k) && rhs.holds(k, n) && Matrix { data: out, stride }.holds(m, n));
    #[allow(unsafe_code, reason = "gemm takes pointers")]
    // SAFETY: each matrix lies within its slice, as just checked; `out` is borrowed mutably, so nothing overlaps it.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            stride as isize,
            false,
            lhs.data.as_ptr(),
            1,
            lhs.stride as isize,
            rhs.data.as_ptr(),
            1,
            rhs.stride as isize,
            0.0,
            factor,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
