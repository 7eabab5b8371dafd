//! diffusers' `Timesteps` and `TimestepEmbedding`.

use onnx::{Tensor, Value, op};

use crate::config::UNetConfig;
use crate::error::Result;
use crate::layers::{Activation, linear};
use crate::scope::Scope;

/// `timestep` f32 \[B or 1\] -> \[B or 1, `time_width`\]: linear_2(act(linear_1(sinusoids))).
pub(crate) fn embedding(
    s: &Scope,
    timestep: &Value,
    config: &UNetConfig,
    activation: Activation,
) -> Result<Value> {
    let (channels, width) = (config.block_out_channels[0], config.time_width());
    let x = s.compute(&sinusoids(&(s / "time_proj"), timestep, config));
    let s = s / "time_embedding";
    let x = linear(&(&s / "linear_1"), &x, channels, width)?;
    let x = activation.apply(&(&s / "linear_1"), &x);
    linear(&(&s / "linear_2"), &x, width, width)
}

/// Sines and cosines of t * 10000^(-i / (half - `freq_shift`)), `half` of each.
fn sinusoids(s: &Scope, timestep: &Value, config: &UNetConfig) -> Value {
    let half = config.block_out_channels[0] / 2;
    let frequency = |i: usize| {
        let exponent = -(10000f32.ln()) * i as f32 / (half as f32 - config.freq_shift);
        f64::from(exponent).exp() as f32
    };
    let frequencies = s.constant(Tensor::f32s((0..half).map(frequency)));
    let angles = s.op("Mul", [&s.op("Unsqueeze", [timestep, &s.ints([1])]), &frequencies]);
    let (sines, cosines) = (s.op("Sin", [&angles]), s.op("Cos", [&angles]));
    let order = if config.flip_sin_to_cos { [&cosines, &sines] } else { [&sines, &cosines] };
    s.op(op("Concat").int("axis", 1), order)
}
