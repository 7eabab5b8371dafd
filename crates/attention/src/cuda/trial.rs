//! One small call with a known result, before a GPU is trusted: the kernels' arithmetic is tested without
//! one, but the GPU, its driver and the code compiled for it exist only where the program runs.
#![allow(unsafe_code, reason = "launches a kernel")]

use bytemuck::Pod;
use half::f16;

use super::driver::{Driver, DriverError};
use super::launch::{Kind, Launch, LaunchError, Pointers};
use super::memory::Gpu;
use crate::{Element, Inputs, ShapeError, Tensor, Tensors, reference};

/// The largest error, relative to the largest value: f32 is off by 1e-6, f16 by 5e-4, wrong kernels by more.
const fn allowed(kind: Kind) -> f64 {
    match kind {
        Kind::F16 | Kind::F16Together => 2e-3,
        Kind::F32 => 1e-4,
    }
}

const HEADS: i64 = 2;
/// More rows than in a block, more keys than in the tiles of a block at once, and no multiple of either.
const ROWS: i64 = 133;
const KEYS: i64 = 333;
/// Head sizes for which the kernels take 128 and 64 rows per block.
const HEAD_SIZES: [i64; 2] = [40, 160];

/// A GPU that cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A driver call failed.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// There is no kernel for the call.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The call's shapes are invalid.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The result differs from the formula's.
    #[error("the attention kernel for {} is off by {error:.1e} on this card", kind.name())]
    Wrong {
        /// The kernel's kind.
        kind: Kind,
        /// Relative to the largest value; infinite for NaN or infinity.
        error: f64,
    },
}

/// Tries the kernels for the GPU with this number.
///
/// # Errors
/// [`TrialError`], with a message for users.
pub fn trial(number: u32) -> Result<(), TrialError> {
    let gpu = Gpu::open(number)?;
    let half = Kind::F16.on(Driver::get()?.has_warpgroups());
    for head_size in HEAD_SIZES {
        launched::<f16>(&gpu, half, head_size)?;
        launched::<f32>(&gpu, Kind::F32, head_size)?;
    }
    Ok(())
}

fn launched<T: Element + Pod>(gpu: &Gpu, kind: Kind, head_size: i64) -> Result<(), TrialError> {
    compare::<T>(kind, head_size, |inputs| {
        let buffers = [
            gpu.upload(bytemuck::cast_slice(inputs.query.data))?,
            gpu.upload(bytemuck::cast_slice(inputs.key.data))?,
            gpu.upload(bytemuck::cast_slice(inputs.value.data))?,
            gpu.upload(bytemuck::cast_slice(inputs.query_regions.data))?,
            gpu.upload(bytemuck::cast_slice(inputs.key_regions.data))?,
            gpu.upload(bytemuck::cast_slice(inputs.strength.data))?,
        ];
        let output = gpu.upload(&vec![0; size_of_val(inputs.query.data)])?;
        let shapes = inputs.shapes();
        let (dimensions, scale) = shapes.check(HEADS, 0.0)?;
        let pointers = Pointers {
            inputs: buffers.each_ref().map(|buffer| buffer.address().cast_const()),
            output: output.address(),
        };
        let launch = Launch::new(kind, dimensions, scale, &shapes, pointers)?;
        // SAFETY: the pointers are those of the buffers above, as large as the shapes say.
        unsafe { gpu.time(&launch, 1) }?;
        Ok(output.download()?.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect())
    })
}

/// Compares `solve` with the reference, within the error allowed for this kind of kernel.
fn compare<T: Element>(
    kind: Kind,
    head_size: i64,
    solve: impl FnOnce(&Tensors<'_, T>) -> Result<Vec<T>, TrialError>,
) -> Result<(), TrialError> {
    let values = |shape: [i64; 3], seed: i64| -> Vec<T> {
        // Between -1 and 1, in no order that a kernel could share.
        let value = |n: i64| T::from_f32(((n * 7919 + seed) % 2003 - 1001) as f32 / 1001.0);
        (0..shape.iter().product()).map(value).collect()
    };
    let (queries, keys) = ([2, ROWS, HEADS * head_size], [2, KEYS, HEADS * head_size]);
    let (query, key, value) = (values(queries, 1), values(keys, 500), values(keys, 1500));
    let query_regions: Vec<i32> = (0..2 * ROWS).map(|n| 1 << (n % 3)).collect();
    let key_regions: Vec<i32> = (0..2 * KEYS).map(|n| 1 << (n / 5 % 4)).collect();
    // One of two samples is plain, which takes another path through the kernels.
    let strength: Vec<f32> =
        (0..2 * ROWS).map(|n| if n < ROWS { (n % 4) as f32 / 2.0 } else { 0.0 }).collect();
    let inputs = Tensors {
        query: Tensor { shape: &queries, data: &query },
        key: Tensor { shape: &keys, data: &key },
        value: Tensor { shape: &keys, data: &value },
        query_regions: Tensor { shape: &queries[..2], data: &query_regions },
        key_regions: Tensor { shape: &keys[..2], data: &key_regions },
        strength: Tensor { shape: &queries[..2], data: &strength },
    };
    let expected = reference::attend(&Inputs::new(&inputs, HEADS, 0.0)?);
    let solved = solve(&inputs)?;
    // NaN compares as neither larger nor smaller: it must not pass for a small error.
    let far = |(ours, expected): (&T, &f64)| match (f64::from(ours.to_f32()) - expected).abs() {
        error if error.is_finite() => error,
        _ => f64::INFINITY,
    };
    let error = solved.iter().zip(&expected).map(far).fold(0.0, f64::max);
    let is_whole = solved.len() == expected.len();
    if is_whole && error <= allowed(kind) { Ok(()) } else { Err(TrialError::Wrong { kind, error }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;

    fn by_cpu<T: Element>(inputs: &Tensors<'_, T>) -> Vec<T> {
        let inputs = Inputs::new(inputs, HEADS, 0.0).expect("the trial's own");
        let mut output = vec![T::from_f32(0.0); inputs.dimensions().output_len()];
        kernel::attend(&inputs, &mut output, 1, |tiles, tile| (0..tiles).for_each(tile));
        output
    }

    #[test]
    fn a_right_kernel_passes_and_a_wrong_one_does_not() {
        compare::<f32>(Kind::F32, 40, |inputs| Ok(by_cpu(inputs))).expect("the kernel is right");
        compare::<f16>(Kind::F16, 40, |inputs| Ok(by_cpu(inputs))).expect("the kernel is right in f16");
        let plain = compare::<f16>(Kind::F16, 40, |inputs| {
            let still = vec![0.0; inputs.strength.data.len()];
            let strength = Tensor { data: &still, ..inputs.strength };
            Ok(by_cpu(&Tensors { strength, ..*inputs }))
        });
        let message = plain.expect_err("not modulated").to_string();
        assert!(message.contains("kernel for f16 is off by"), "{message}");
        let broken = compare::<f32>(Kind::F32, 40, |inputs| Ok(vec![f32::NAN; inputs.query.data.len()]));
        assert!(broken.expect_err("no numbers").to_string().contains("off by inf"));
    }
}
