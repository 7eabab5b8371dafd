//! The right-hand side of a matrix product, packed so that the product reads it front to back.

use std::ops::Range;

use super::buffer::Buffer;
use crate::Element;

/// Columns are padded to a multiple of this, the widest vector of f32 (AVX-512).
pub(super) const LANES: usize = 16;

/// Columns of a panel: four of the widest vectors, what the product's innermost loop works on.
pub(super) const PANEL: usize = 4 * LANES;

/// A matrix of `rows` x `columns` cut into panels of [`PANEL`] columns, the last one narrower; a panel's rows lie one
/// after the other.
pub(super) struct Panels {
    pub(super) rows: usize,
    /// The number of columns, padding included.
    pub(super) columns: usize,
    data: Buffer<f32>,
}

impl Panels {
    /// Zeros.
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        let columns = columns.next_multiple_of(LANES);
        Self { rows, columns, data: Buffer::new(rows * columns) }
    }

    /// Packs rows that lie one by one in memory. The padding stays as it is.
    pub(super) fn fill_rows<'a, T: Element>(&mut self, row: impl Fn(usize) -> &'a [T]) {
        for first in self.starts() {
            let (range, width) = (self.range(first), self.width(first));
            for (at, out) in self.data.as_mut_slice()[range].chunks_exact_mut(width).enumerate() {
                for (out, x) in out.iter_mut().zip(&row(at)[first..]) {
                    *out = x.to_f32();
                }
            }
        }
    }

    /// Packs columns that lie one by one in memory, the padding's included.
    pub(super) fn fill_columns<'a, T: Element>(&mut self, column: impl Fn(usize) -> &'a [T]) {
        for first in self.starts() {
            let (range, width) = (self.range(first), self.width(first));
            let panel = &mut self.data.as_mut_slice()[range];
            // In squares, so that each line is read once even if the columns share cache sets.
            for left in (0..width).step_by(LANES) {
                for (square, out) in panel.chunks_mut(LANES * width).enumerate() {
                    for at in left..left + LANES {
                        let column = &column(first + at)[square * LANES..];
                        for (out, x) in out.chunks_exact_mut(width).zip(column) {
                            out[at] = x.to_f32();
                        }
                    }
                }
            }
        }
    }

    /// The first column of each panel.
    pub(super) fn starts(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.columns).step_by(PANEL)
    }

    /// The number of columns in the panel that starts at column `first`.
    pub(super) fn width(&self, first: usize) -> usize {
        PANEL.min(self.columns - first)
    }

    /// The rows of that panel.
    pub(super) fn panel(&self, first: usize) -> &[f32] {
        &self.data.as_slice()[self.range(first)]
    }

    fn range(&self, first: usize) -> Range<usize> {
        first * self.rows..(first + self.width(first)) * self.rows
    }
}
