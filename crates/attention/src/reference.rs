//! The operator's formula in f64, one row at a time. Slow; all other implementations are tested against it.

use crate::{Dimensions, Element, Inputs};

/// The result `[B, N, H*d]` in f64.
pub fn attend<T: Element>(inputs: &Inputs<'_, T>) -> Vec<f64> {
    let Dimensions { batch, heads, queries, head_size, .. } = inputs.dimensions();
    let width = inputs.dimensions().width();
    let mut output = vec![0.0; inputs.dimensions().output_len()];
    for b in 0..batch {
        for h in 0..heads {
            for i in 0..queries {
                let start = (b * queries + i) * width + h * head_size;
                output[start..start + head_size].copy_from_slice(&attend_row(inputs, b, h, i));
            }
        }
    }
    output
}

/// The result of query `i` of one batch item and head: d values.
pub fn attend_row<T: Element>(inputs: &Inputs<'_, T>, batch: usize, head: usize, i: usize) -> Vec<f64> {
    let Dimensions { head_size, .. } = inputs.dimensions();
    let width = inputs.dimensions().width();
    let f64 = |x: &T| f64::from(x.to_f32());

    // sim = scale * Q K^T
    let query: Vec<f64> = inputs.query(batch, head)[i * width..][..head_size].iter().map(f64).collect();
    let scale = f64::from(inputs.scale());
    let sim: Vec<f64> = inputs
        .key(batch, head)
        .chunks(width)
        .map(|key| scale * query.iter().zip(&key[..head_size]).map(|(q, k)| q * f64(k)).sum::<f64>())
        .collect();

    // sim' = sim + strength * ((inside ? max sim : min sim) - sim), or sim ± |strength| where the strength is negative
    let max = sim.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let min = sim.iter().copied().fold(f64::INFINITY, f64::min);
    let regions = inputs.query_regions(batch)[i];
    let strength = f64::from(inputs.strength(batch)[i]);
    let modulated: Vec<f64> = sim
        .iter()
        .zip(inputs.key_regions(batch))
        .map(|(&sim, key_regions)| {
            let inside = regions & key_regions != 0;
            if strength < 0.0 {
                sim + if inside { -strength } else { strength }
            } else {
                sim + strength * (if inside { max } else { min } - sim)
            }
        })
        .collect();

    // softmax(sim') V
    let shift = modulated.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = modulated.iter().map(|x| (x - shift).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let mut output = vec![0.0; head_size];
    for (weight, value) in weights.iter().zip(inputs.value(batch, head).chunks(width)) {
        for (out, value) in output.iter_mut().zip(&value[..head_size]) {
            *out += weight / sum * f64(value);
        }
    }
    output
}
