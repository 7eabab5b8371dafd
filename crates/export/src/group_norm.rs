//! `torch.nn.GroupNorm` with the activation that follows it.

use onnx::{DataType, MICROSOFT, Value, op};

use crate::config::Activation;
use crate::error::Result;
use crate::features::{Features, Normal};
use crate::layers::to_channels_last;
use crate::scope::Scope;

/// Epsilon of the group norms other than the UNet's ResNets': in transformers and in the autoencoder.
pub(crate) const EPS: f32 = 1e-6;

/// Normalises `x`, with the weight and the bias of `s`.
pub(crate) fn group_norm(
    s: &Scope,
    x: &Features,
    groups: usize,
    eps: f32,
    activation: Option<Activation>,
) -> Result<Normal> {
    let silu = activation == Some(Activation::Silu);
    let is_channels_last = s.for_cuda() && is_fused(x.channels / groups);
    let (normal, rest) = match is_channels_last {
        true => (fused(s, x, groups, eps, silu)?, activation.filter(|_| !silu)),
        false => (composed(s, x, groups, eps)?, activation),
    };
    let value = rest.map_or_else(|| normal.clone(), |activation| activation.apply(s, &normal));
    Ok(Normal { value, is_channels_last })
}

/// Whether CUDA's operators take groups of this size: they process channels in pairs, at most 512 a block.
fn is_fused(channels: usize) -> bool {
    channels.is_multiple_of(2) && channels <= 512
}

/// An instance norm over groups, then weight and bias per channel: every provider has these operators.
fn composed(s: &Scope, x: &Features, groups: usize, eps: f32) -> Result<Value> {
    let weight = s.weight_as("weight", [x.channels], [x.channels, 1, 1])?;
    let bias = s.weight_as("bias", [x.channels], [x.channels, 1, 1])?;
    let x = x.value(s);
    let grouped = s.reshape(&x, [0, groups as i64, -1]);
    let norm = op("InstanceNormalization").float("epsilon", eps);
    let normal = s.op(norm, [&grouped, &s.numbers(1.0, groups), &s.numbers(0.0, groups)]);
    let restored = s.op("Reshape", [&normal, &s.op("Shape", [&x])]);
    Ok(s.op("Add", [&s.op("Mul", [&restored, &weight]), &bias]))
}

/// The operators that only ONNX Runtime's CUDA provider has, with SiLU or nothing after them; for a sum that
/// is not built yet, the one that builds it, too. They are \[B, H, W, C\]: if convolutions are as well, ONNX
/// Runtime cancels the transpositions in between.
fn fused(s: &Scope, x: &Features, groups: usize, eps: f32, silu: bool) -> Result<Value> {
    let norm = |name| {
        op(name)
            .domain(MICROSOFT)
            .float("epsilon", eps)
            .int("groups", groups as i64)
            .int("activation", silu.into())
            .int("channels_last", 1)
    };
    let weight = s.weight_in(DataType::Float, "weight", [x.channels])?;
    let bias = s.weight_in(DataType::Float, "bias", [x.channels])?;
    Ok(match x.unmade() {
        None => s.op(norm("GroupNorm"), [&to_channels_last(s, &x.value(s)), &weight, &bias]),
        Some(sum) => {
            let inputs = [&sum.x, &weight, &bias, &sum.skip, &sum.bias];
            let [normal, made] = s.op_with_outputs(norm("SkipGroupNorm"), inputs, [0, 1]);
            sum.set(made);
            normal
        }
    })
}
