//! Memory for vectors.

/// Bytes of a cache line, and of the widest vector: a load across two lines costs twice.
const ALIGNMENT: usize = 64;

/// f32 values that start at a cache line.
pub(super) struct Buffer {
    data: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    pub(super) fn new(len: usize) -> Self {
        let data = vec![0.0; len + ALIGNMENT / size_of::<f32>()];
        let start = data.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT / size_of::<f32>());
        Self { data, start, len }
    }

    pub(super) fn as_slice(&self) -> &[f32] {
        &self.data[self.start..][..self.len]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data[self.start..][..self.len]
    }
}
