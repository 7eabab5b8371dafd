//! The result, which several threads write.
#![allow(unsafe_code, reason = "several threads write disjoint parts of one slice")]

use std::marker::PhantomData;

/// A slice whose parts are handed out to threads.
pub(super) struct Output<'a, T> {
    data: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: the only way to the elements is `part`, whose callers keep the parts disjoint.
unsafe impl<T: Send> Sync for Output<'_, T> {}

impl<'a, T> Output<'a, T> {
    pub(super) fn new(data: &'a mut [T]) -> Self {
        Self { data: data.as_mut_ptr(), len: data.len(), borrow: PhantomData }
    }

    /// The `len` elements from `start` on.
    ///
    /// # Safety
    /// No other part that overlaps this one may be in use at the same time.
    ///
    /// # Panics
    /// If the part ends after the slice.
    #[allow(clippy::mut_from_ref, reason = "disjointness is the caller's promise")]
    pub(super) unsafe fn part(&self, start: usize, len: usize) -> &mut [T] {
        assert!(start <= self.len && len <= self.len - start, "part {start} + {len} of {}", self.len);
        // SAFETY: within the slice, as just checked; not aliased, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(start), len) }
    }
}
