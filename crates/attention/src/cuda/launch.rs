//! A kernel launch for one call: which kernel, on how many blocks, with what parameter.

use std::ffi::{CString, c_void};

use half::f16;

use crate::{Dimensions, Element, Shapes};

/// Threads per block.
pub const THREADS: u32 = 128;

/// The head sizes that have kernels; others are padded to the next. As in `modulated_attention.cu`.
pub const HEAD_SIZES: [usize; 6] = [32, 48, 64, 80, 128, 160];

/// The most blocks along a grid's y axis, which counts the heads of all batch items.
const MOST_HEADS: usize = 65535;

/// The kinds of kernels, each for all of [`HEAD_SIZES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// f16: each warp multiplies on the tensor cores by itself.
    F16,
    /// f16 on Hopper (compute capability 9.0): the four warps of a block multiply together.
    F16Together,
    /// f32 in full precision, in plain arithmetic.
    F32,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F16, Self::F16Together, Self::F32];

    /// As in the kernels' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::F16Together => "f16_together",
            Self::F32 => "f32",
        }
    }

    /// Returns the kernels for the same elements on a GPU with or without Hopper's warpgroups.
    #[must_use]
    pub fn on(self, has_warpgroups: bool) -> Self {
        match self {
            Self::F16 if has_warpgroups => Self::F16Together,
            _ => self,
        }
    }

    /// Bytes of dynamic shared memory per block of the kernel for `head_size`: `HalfTiles` of `tile.cuh`. The
    /// f32 kernels' is static.
    pub fn shared_memory(self, head_size: usize) -> usize {
        // Tiles held at once, and the largest head size whose tiles have 64 keys.
        let (stages, largest) = match self {
            Self::F16 => (2, 80),
            Self::F16Together => (4, 64),
            Self::F32 => return 0,
        };
        let keys = if head_size <= largest { 64 } else { 32 };
        let column = (keys + if keys == 32 { 2 } else { 4 }) * 8 * size_of::<f16>();
        let tile = 2 * (head_size / 8) * column + keys * size_of::<u32>();
        (stages * tile).next_multiple_of(128)
    }

    /// Query rows per block of the kernel for `head_size`. As in `modulated_attention.cu`.
    fn rows(self, head_size: usize) -> usize {
        match self {
            Self::F16 | Self::F16Together if head_size <= 80 => 128,
            Self::F16 | Self::F16Together => 64,
            Self::F32 => 32,
        }
    }
}

/// An element type that has kernels.
pub trait OnGpu: Element {
    /// The kernels for it that run on any GPU.
    const KIND: Kind;
}

impl OnGpu for f16 {
    const KIND: Kind = Kind::F16;
}

impl OnGpu for f32 {
    const KIND: Kind = Kind::F32;
}

/// The only parameter of every kernel: `struct Problem` of `kernels/problem.h`. All are device pointers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    query: *const c_void,
    key: *const c_void,
    value: *const c_void,
    query_regions: *const c_void,
    key_regions: *const c_void,
    strength: *const c_void,
    output: *mut c_void,
    heads: i32,
    queries: i32,
    keys: i32,
    head_size: i32,
    query_regions_stride: i32,
    key_regions_stride: i32,
    scale: f32,
}

/// A call that the kernels cannot compute.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LaunchError {
    /// The heads are larger than any kernel takes.
    #[error("ModulatedAttention on CUDA: head size {0}, the largest possible is 160; use the CPU")]
    HeadSize(usize),
    /// A size that overflows a kernel's counters.
    #[error("ModulatedAttention on CUDA: {what} = {size}, at most {most} are possible; use the CPU")]
    TooMany {
        /// Which size it is.
        what: &'static str,
        /// Its size.
        size: usize,
        /// The limit.
        most: usize,
    },
}

/// Addresses of the tensors of one call, in device memory.
#[derive(Clone, Copy, Debug)]
pub struct Pointers {
    /// Q, K, V, query_regions, key_regions, strength.
    pub inputs: [*const c_void; 6],
    /// The result.
    pub output: *mut c_void,
}

/// One launch of a kernel.
#[derive(Clone, Copy, Debug)]
pub struct Launch {
    /// The kernel's kind.
    pub kind: Kind,
    /// The kernel's head size, one of [`HEAD_SIZES`].
    pub head_size: usize,
    /// The grid: blocks of query rows, heads of all batch items. One is 0 if there is nothing to do.
    pub grid: [u32; 2],
    /// Bytes of dynamic shared memory per block.
    pub shared_memory: u32,
    /// The kernel's parameter.
    pub problem: Problem,
}

impl Launch {
    /// Creates the launch for inputs of these sizes. `scale` is the factor of Q K^T, not 0.
    ///
    /// # Errors
    /// [`LaunchError`] for sizes that no kernel takes.
    pub fn new(
        kind: Kind,
        dimensions: Dimensions,
        scale: f32,
        shapes: &Shapes<'_>,
        pointers: Pointers,
    ) -> Result<Self, LaunchError> {
        let Dimensions { batch, heads, queries, keys, head_size } = dimensions;
        let kernel =
            HEAD_SIZES.into_iter().find(|&size| head_size <= size).ok_or(LaunchError::HeadSize(head_size))?;
        // A tile may start before the last row and end after it.
        let most = i32::MAX as usize - 1024;
        let int = |what, size: usize| match i32::try_from(size) {
            Ok(int) if size <= most => Ok(int),
            _ => Err(LaunchError::TooMany { what, size, most }),
        };
        let all_heads = batch.saturating_mul(heads);
        if all_heads > MOST_HEADS {
            return Err(LaunchError::TooMany { what: "batch x heads", size: all_heads, most: MOST_HEADS });
        }
        let [query, key, value, query_regions, key_regions, strength] = pointers.inputs;
        let (queries_int, keys_int) = (int("queries", queries)?, int("keys", keys)?);
        // Regions with one row serve every batch item.
        let stride = |shape: &[i64], row: i32| if shape.first() == Some(&1) { 0 } else { row };
        let problem = Problem {
            query,
            key,
            value,
            query_regions,
            key_regions,
            strength,
            output: pointers.output,
            heads: int("heads", heads)?,
            queries: queries_int,
            keys: keys_int,
            head_size: int("head size", head_size)?,
            query_regions_stride: stride(shapes.query_regions, queries_int),
            key_regions_stride: stride(shapes.key_regions, keys_int),
            scale,
        };
        let grid = [queries.div_ceil(kind.rows(kernel)) as u32, all_heads as u32];
        let shared_memory = kind.shared_memory(kernel) as u32;
        Ok(Self { kind, head_size: kernel, grid, shared_memory, problem })
    }

    /// The kernel's name in the fatbin.
    pub fn kernel(&self) -> CString {
        kernel_name(self.kind, self.head_size)
    }
}

/// The name of a kernel, `modulated_attention_f16_48`.
pub fn kernel_name(kind: Kind, head_size: usize) -> CString {
    CString::new(format!("modulated_attention_{}_{head_size}", kind.name())).unwrap_or_default()
}
