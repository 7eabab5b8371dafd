//! The fused CPU kernel: logits, modulation, softmax and the product with V, one tile of query rows at a time.
//!
//! 1. `keys`: K transposed, V and the keys' regions of a head, packed once (`panels`);
//! 2. `tile`: Q K^T of 64 rows (`product`), the row pass, the product with V;
//! 3. `rows`: a row's extremes, modulation (`modulation`), exponential (`exp`) and sum;
//! 4. rows whose logits f32 cannot hold are done again as the [reference](crate::reference) does them.
//!
//! A tile's rows of logits stay in the L2 cache, so nothing is computed twice, and the memory beyond the inputs is that
//! of the packed keys and of one tile per thread: O(N + M). The vector code is written once, for any width, with the
//! crate `pulp`; it runs with AVX-512, AVX2, NEON or plain instructions, as the CPU has them.

mod buffer;
mod exp;
mod keys;
mod modulation;
mod output;
mod panels;
mod product;
mod rows;
#[cfg(test)]
mod tests;
mod tile;

use std::sync::{Mutex, OnceLock, PoisonError};

use keys::Keys;
use output::Output;
use pulp::Arch;
use tile::{Scratch, Tile};

use crate::{Element, Inputs};

/// Query rows per tile, as long as a tile of logits stays below [`TILE_ELEMENTS`].
const TILE_ROWS: usize = 64;

/// Logits per tile: 1 MiB, half of a current core's L2 cache.
const TILE_ELEMENTS: usize = 1 << 18;

/// Computes the operator into `output`, `[B, N, H*d]`.
///
/// `run(tasks, task)` must call `task(0)` to `task(tasks - 1)`, each once, in any order, on any threads. Its result is
/// returned. With `|tasks, task| (0..tasks).for_each(task)` everything runs on the calling thread.
///
/// # Panics
/// When `output` has another length than [`Dimensions::output_len`](crate::Dimensions::output_len).
pub fn attend<T: Element, R>(
    inputs: &Inputs<'_, T>,
    output: &mut [T],
    run: impl FnOnce(usize, &(dyn Fn(usize) + Sync)) -> R,
) -> R {
    attend_with(Arch::new(), inputs, output, run)
}

/// [`attend`] with chosen vector instructions.
fn attend_with<T: Element, R>(
    arch: Arch,
    inputs: &Inputs<'_, T>,
    output: &mut [T],
    run: impl FnOnce(usize, &(dyn Fn(usize) + Sync)) -> R,
) -> R {
    let dimensions = inputs.dimensions();
    assert_eq!(output.len(), dimensions.output_len(), "the output's length is not that of Q");

    let tile_rows = (TILE_ELEMENTS / dimensions.keys).clamp(8, TILE_ROWS);
    let tiles = dimensions.queries.div_ceil(tile_rows);
    let keys: Vec<OnceLock<Keys>> =
        (0..dimensions.batch * dimensions.heads).map(|_| OnceLock::new()).collect();
    // As many as there are threads at work; each is taken for a tile and handed back.
    let idle: Mutex<Vec<Scratch>> = Mutex::new(Vec::new());
    let output = Output::new(output);

    run(keys.len() * tiles, &|task| {
        let (index, tile) = (task / tiles, task % tiles);
        let (batch, head) = (index / dimensions.heads, index % dimensions.heads);
        let keys = keys[index].get_or_init(|| Keys::new(inputs, batch, head));
        let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = taken.unwrap_or_else(|| Scratch::new(dimensions, tile_rows, keys));
        let start = tile * tile_rows;
        let rows = start..dimensions.queries.min(start + tile_rows);
        let mut tile = Tile { inputs, keys, batch, head, rows, scratch: &mut scratch };
        arch.dispatch(&mut tile);
        tile.write(&output);
        idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    })
}
