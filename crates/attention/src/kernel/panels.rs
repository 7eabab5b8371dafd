//! The right-hand side of a matrix product, packed so that the product reads it front to back.

use std::ops::Range;

use super::buffer::Buffer;

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
    data: Buffer,
}

impl Panels {
    /// Packs `element(row, column)`, which is asked for padding columns as well.
    pub(super) fn pack(rows: usize, columns: usize, element: impl Fn(usize, usize) -> f32) -> Self {
        let columns = columns.next_multiple_of(LANES);
        let mut panels = Self { rows, columns, data: Buffer::new(rows * columns) };
        for first in panels.starts() {
            let range = panels.range(first);
            let width = panels.width(first);
            let panel = &mut panels.data.as_mut_slice()[range];
            for (row, out) in panel.chunks_exact_mut(width).enumerate() {
                for (column, out) in out.iter_mut().enumerate() {
                    *out = element(row, first + column);
                }
            }
        }
        panels
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
