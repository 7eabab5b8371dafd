//! diffusers' `ResnetBlock2D` and `Upsample2D`, as the UNet and the autoencoder have them.

use onnx::{Value, op};

use crate::error::Result;
use crate::features::Features;
use crate::group_norm::group_norm;
use crate::layers::{
    Activation, Extent, POINT, SAME, Window, batch, conv, conv_term, from_channels_last, linear_term,
};
use crate::scope::Scope;

/// What all ResNets of a model have in common.
#[derive(Clone, Debug)]
pub(crate) struct ResnetStyle {
    pub groups: usize,
    pub eps: f32,
    pub activation: Activation,
    /// The time embedding \[B, width\], already activated, and its width; the autoencoder has none. On the CPU one row may do
    /// for all samples.
    pub time: Option<(Value, usize)>,
}

/// x + conv2(act(norm2(conv1(act(norm1(x))) + time))), with a 1x1 convolution of x where the channels differ.
pub(crate) fn resnet(s: &Scope, x: &Features, outputs: usize, style: &ResnetStyle) -> Result<Features> {
    let ResnetStyle { groups, eps, activation, time } = style;
    let inputs = x.channels;

    let h = group_norm(&(s / "norm1"), x, *groups, *eps, Some(*activation))?;
    let conv1 = &(s / "conv1");
    let h = match time {
        None => x.with(conv(conv1, &h, inputs, outputs, SAME)?, outputs),
        Some((embedding, width)) => {
            let h = conv_term(conv1, &h, inputs, outputs, SAME)?;
            let s = s / "time_emb_proj";
            let shift = linear_term(&s, embedding, *width, outputs)?.map(|shift| for_all_cells(&s, shift));
            x.sum(&s, [h, shift], outputs)
        }
    };
    let h = group_norm(&(s / "norm2"), &h, *groups, *eps, Some(*activation))?;
    let h = conv_term(&(s / "conv2"), &h, outputs, outputs, SAME)?;

    let skip = match inputs == outputs {
        true => x.value(s).into(),
        false => conv_term(&(s / "conv_shortcut"), &x.value(s), inputs, outputs, POINT)?,
    };
    Ok(x.sum(s, [skip, h], outputs))
}

/// \[B, C\] -> \[B, C, 1, 1\], for CUDA by way of \[B, 1, 1, C\], which is what is wanted there: the transposition cancels.
fn for_all_cells(s: &Scope, x: &Value) -> Value {
    match s.for_cuda() {
        true => from_channels_last(s, &s.op("Unsqueeze", [x, &s.ints([1, 2])])),
        false => s.op("Unsqueeze", [x, &s.ints([2, 3])]),
    }
}

/// A convolution to a smaller size.
pub(crate) fn downsample(s: &Scope, x: &Features, window: Window) -> Result<Features> {
    let value = conv(s, &x.value(s), x.channels, x.channels, window)?;
    Ok(Features::new(value, x.channels, x.extent.after(s, window)))
}

/// Nearest neighbours to another size, which is twice this one's or one less, then a convolution.
pub(crate) fn upsample_to(s: &Scope, x: &Features, extent: &Extent) -> Result<Features> {
    let sizes = op("Concat").int("axis", 0);
    let sizes = s.op(sizes, [&batch(s, &extent.input), &s.ints([x.channels as i64]), &extent.size]);
    let none = Value::none();
    let larger = s.op(nearest(), [&x.value(s), &none, &none, &sizes]);
    let value = conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?;
    Ok(Features::new(value, x.channels, extent.clone()))
}

/// Nearest neighbours to twice the size, then a convolution.
pub(crate) fn upsample_twice(s: &Scope, x: &Features) -> Result<Features> {
    let scales = s.constant(onnx::Tensor::f32s([1.0, 1.0, 2.0, 2.0]));
    let larger = s.op(nearest(), [&x.value(s), &Value::none(), &scales]);
    let value = conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?;
    let size = s.op("Mul", [&x.extent.size, &s.ints([2])]);
    Ok(Features::new(value, x.channels, Extent { size, ..x.extent.clone() }))
}

/// torch's `interpolate(mode="nearest")`: source index = floor(index * input size / output size).
fn nearest() -> onnx::Op {
    op("Resize")
        .string("mode", "nearest")
        .string("nearest_mode", "floor")
        .string("coordinate_transformation_mode", "asymmetric")
}
