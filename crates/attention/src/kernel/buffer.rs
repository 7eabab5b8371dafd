//! Memory aligned for vectors.

/// Bytes of a cache line and of the widest vector: a load across two lines costs twice as much.
const ALIGNMENT: usize = 64;

/// Values aligned to a cache line.
pub(super) struct Buffer<T> {
    data: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Copy + Default> Buffer<T> {
    /// `len` zeros.
    pub(super) fn new(len: usize) -> Self {
        let spare = ALIGNMENT / size_of::<T>();
        let data = vec![T::default(); len + spare];
        let start = data.as_ptr().align_offset(ALIGNMENT).min(spare);
        Self { data, start, len }
    }

    pub(super) fn as_slice(&self) -> &[T] {
        &self.data[self.start..][..self.len]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data[self.start..][..self.len]
    }
}
