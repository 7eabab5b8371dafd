//! diffusers' `Timesteps` and `TimestepEmbedding`, and Stable Diffusion XL's added conditions.

use onnx::{Tensor, Value, op};

use crate::config::{Activation, Addition, TIME_IDS, UNetConfig};
use crate::error::Result;
use crate::layers::linear;
use crate::scope::Scope;

/// `timestep` f32 \[B or 1\] -> \[B or 1, `time_width`\]: linear_2(act(linear_1(sinusoids))).
pub(crate) fn embedding(
    s: &Scope,
    timestep: &Value,
    config: &UNetConfig,
    activation: Activation,
) -> Result<Value> {
    let channels = config.block_out_channels[0];
    let x = s.compute(&sinusoids(&(s / "time_proj"), timestep, channels, config));
    layers(&(s / "time_embedding"), &x, channels, config, activation)
}

/// `text_embeds` \[B, W\] and the numbers `time_ids` \[B, 6\], both f32, -> \[B, `time_width`\].
pub(crate) fn addition(
    s: &Scope,
    [text_embeds, time_ids]: [&Value; 2],
    addition: Addition,
    config: &UNetConfig,
) -> Result<Value> {
    let numbers = TIME_IDS * addition.time_id;
    let x = sinusoids(&(s / "add_time_proj"), &s.reshape(time_ids, [-1]), addition.time_id, config);
    let s = s / "add_embedding";
    let x = s.op(op("Concat").int("axis", 1), [text_embeds, &s.reshape(&x, [-1, numbers as i64])]);
    layers(&s, &s.compute(&x), addition.text + numbers, config, Activation::Silu)
}

fn layers(s: &Scope, x: &Value, inputs: usize, config: &UNetConfig, activation: Activation) -> Result<Value> {
    let width = config.time_embedding_dim;
    let x = linear(&(s / "linear_1"), x, inputs, width)?;
    let x = activation.apply(&(s / "linear_1"), &x);
    linear(&(s / "linear_2"), &x, width, width)
}

/// Sines and cosines of t * 10000^(-i / (half - `freq_shift`)), `half` of the `channels` of each.
fn sinusoids(s: &Scope, timestep: &Value, channels: usize, config: &UNetConfig) -> Value {
    let half = channels / 2;
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
