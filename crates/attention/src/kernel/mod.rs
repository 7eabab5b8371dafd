//! The fused CPU kernel: logits, modulation, softmax and the product with V, one tile of query rows at a time.
//!
//! 1. `keys`: K transposed, V and the keys' regions of a head, packed (`panels`) by the task that needs it;
//! 2. `tile`: Q K^T of 64 rows (`product`), the row pass, the product with V;
//! 3. `rows`: a row's extremes, modulation (`modulation`), exponential (`exp`) and sum;
//! 4. rows whose logits overflow f32 are recomputed as in the [reference](crate::reference).
//!
//! A tile's logits stay in the L2 cache, so nothing is computed twice, and the memory beyond the inputs is
//! one head's packed keys and one tile per thread: O(N + M). The vector code is written once, with the crate
//! `pulp`; it runs with AVX-512, AVX2, NEON or scalar instructions.

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

use keys::Keys;
use output::Output;
use parking_lot::Mutex;
use pulp::Arch;
use tile::{Scratch, Tile};

use crate::{Element, Inputs};

/// Query rows per tile, as long as a tile of logits stays below [`TILE_ELEMENTS`].
const TILE_ROWS: usize = 64;

/// Logits per tile: 1 MiB, half of a current core's L2 cache.
const TILE_ELEMENTS: usize = 1 << 18;

/// Tasks per thread: enough for all to end at the same time, though only some rows are modulated.
const TASKS_PER_THREAD: usize = 64;

/// Computes the operator into `output`, `[B, N, H*d]`.
///
/// `run(tasks, task)` must call `task(0)` to `task(tasks - 1)` once each, in any order, on any threads, about
/// `threads` in number; `tasks` is 0 for an empty result. Returns what `run` returns. On the calling thread
/// alone: `|tasks, task| (0..tasks).for_each(task)`.
///
/// # Panics
/// When `output` has another length than [`Dimensions::output_len`](crate::Dimensions::output_len).
pub fn attend<T: Element, R>(
    inputs: &Inputs<'_, T>,
    output: &mut [T],
    threads: usize,
    run: impl FnOnce(usize, &(dyn Fn(usize) + Sync)) -> R,
) -> R {
    attend_with(Arch::new(), inputs, output, threads, run)
}

/// [`attend`] with chosen vector instructions.
fn attend_with<T: Element, R>(
    arch: Arch,
    inputs: &Inputs<'_, T>,
    output: &mut [T],
    threads: usize,
    run: impl FnOnce(usize, &(dyn Fn(usize) + Sync)) -> R,
) -> R {
    let dimensions = inputs.dimensions();
    assert_eq!(output.len(), dimensions.output_len(), "the output's length is not that of Q");

    let tile_rows = (TILE_ELEMENTS / dimensions.keys).clamp(8, TILE_ROWS);
    let tiles = dimensions.queries.div_ceil(tile_rows);
    // A task is a whole head, whose keys it packs itself, or part of one if there are too few heads. With no
    // queries or batch items there are no tasks.
    let heads = dimensions.batch * dimensions.heads;
    let parts = (TASKS_PER_THREAD * threads).div_ceil(heads.max(1)).max(1).min(tiles);
    // One per running task, which takes it and hands it back.
    let idle: Mutex<Vec<(Keys, Scratch)>> = Mutex::new(Vec::new());
    let output = Output::new(output);

    run(heads * parts, &|task| {
        let (index, part) = (task / parts, task % parts);
        let (batch, head) = (index / dimensions.heads, index % dimensions.heads);
        let taken = idle.lock().pop();
        let (mut keys, mut scratch) = taken.unwrap_or_else(|| {
            let keys = Keys::new(dimensions);
            let scratch = Scratch::new(dimensions, tile_rows, &keys);
            (keys, scratch)
        });
        keys.pack(inputs, batch, head);
        for tile in tiles * part / parts..tiles * (part + 1) / parts {
            let start = tile * tile_rows;
            let rows = start..dimensions.queries.min(start + tile_rows);
            let mut tile = Tile { inputs, keys: &keys, batch, head, rows, scratch: &mut scratch };
            arch.dispatch(&mut tile);
            tile.write(&output);
        }
        idle.lock().push((keys, scratch));
    })
}
