//! diffusers' `ResnetBlock2D` and `Upsample2D`, as the UNet and the autoencoder have them.

use onnx::{Value, op};

use crate::error::Result;
use crate::group_norm::group_norm;
use crate::layers::{Activation, Extent, POINT, SAME, Window, batch, conv, linear};
use crate::scope::Scope;

/// A feature map \[B, channels, H, W\].
#[derive(Clone, Debug)]
pub(crate) struct Features {
    pub value: Value,
    pub channels: usize,
    pub extent: Extent,
}

impl Features {
    /// Something else of the same size.
    pub fn with(&self, value: Value, channels: usize) -> Self {
        Self { value, channels, extent: self.extent.clone() }
    }
}

/// What all ResNets of a model have in common.
#[derive(Clone, Debug)]
pub(crate) struct ResnetStyle {
    pub groups: usize,
    pub eps: f32,
    pub activation: Activation,
    /// The time embedding \[B or 1, width\], already activated, and its width; the autoencoder has none.
    pub time: Option<(Value, usize)>,
}

/// x + conv2(act(norm2(conv1(act(norm1(x))) + time))), with a 1x1 convolution of x where the channels differ.
pub(crate) fn resnet(s: &Scope, x: &Features, outputs: usize, style: &ResnetStyle) -> Result<Features> {
    let ResnetStyle { groups, eps, activation, time } = style;
    let inputs = x.channels;

    let h = group_norm(&(s / "norm1"), x, *groups, *eps, Some(*activation))?;
    let mut h = conv(&(s / "conv1"), &h, inputs, outputs, SAME)?;
    if let Some((embedding, width)) = time {
        let s = s / "time_emb_proj";
        let shift = linear(&s, embedding, *width, outputs)?;
        h = s.op("Add", [&h, &s.op("Unsqueeze", [&shift, &s.ints([2, 3])])]);
    }
    let h = group_norm(&(s / "norm2"), &x.with(h, outputs), *groups, *eps, Some(*activation))?;
    let h = conv(&(s / "conv2"), &h, outputs, outputs, SAME)?;

    let value = match inputs == outputs {
        true => s.op("Add", [&x.value, &h]),
        false => s.op("Add", [&conv(&(s / "conv_shortcut"), &x.value, inputs, outputs, POINT)?, &h]),
    };
    Ok(x.with(value, outputs))
}

/// A convolution to a smaller size.
pub(crate) fn downsample(s: &Scope, x: &Features, window: Window) -> Result<Features> {
    let value = conv(s, &x.value, x.channels, x.channels, window)?;
    Ok(Features { value, channels: x.channels, extent: x.extent.after(s, window) })
}

/// Nearest neighbours to another size, which is twice this one's or one less, then a convolution.
pub(crate) fn upsample_to(s: &Scope, x: &Features, extent: &Extent) -> Result<Features> {
    let sizes = op("Concat").int("axis", 0);
    let sizes = s.op(sizes, [&batch(s, &extent.input), &s.ints([x.channels as i64]), &extent.size]);
    let none = Value::none();
    let larger = s.op(nearest(), [&x.value, &none, &none, &sizes]);
    let value = conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?;
    Ok(Features { value, channels: x.channels, extent: extent.clone() })
}

/// Nearest neighbours to twice the size, then a convolution.
pub(crate) fn upsample_twice(s: &Scope, x: &Features) -> Result<Features> {
    let scales = s.constant(onnx::Tensor::f32s([1.0, 1.0, 2.0, 2.0]));
    let larger = s.op(nearest(), [&x.value, &Value::none(), &scales]);
    let value = conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?;
    let size = s.op("Mul", [&x.extent.size, &s.ints([2])]);
    Ok(Features { value, channels: x.channels, extent: Extent { size, ..x.extent.clone() } })
}

/// torch's `interpolate(mode="nearest")`: source index = floor(index * input size / output size).
fn nearest() -> onnx::Op {
    op("Resize")
        .string("mode", "nearest")
        .string("nearest_mode", "floor")
        .string("coordinate_transformation_mode", "asymmetric")
}
