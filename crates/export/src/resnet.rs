//! diffusers' `ResnetBlock2D` and `Upsample2D`, for the UNet and the autoencoder.

use onnx::{Value, op};

use crate::config::Activation;
use crate::error::Result;
use crate::features::Features;
use crate::group_norm::group_norm;
use crate::layers::{POINT, SAME, Window, conv, conv_term, from_channels_last, linear_term};
use crate::scope::Scope;

/// The configuration shared by all ResNets of a model.
#[derive(Clone, Debug)]
pub(crate) struct ResnetStyle {
    pub groups: usize,
    pub eps: f32,
    pub activation: Activation,
    /// The time embedding \[B, width\], already activated, and its width; the autoencoder has none. On the
    /// CPU, one row may serve all samples.
    pub time: Option<(Value, usize)>,
}

/// x + conv2(act(norm2(conv1(act(norm1(x))) + time))), with a 1x1 convolution of x where the channels differ.
pub(crate) fn resnet(s: &Scope, x: &Features, outputs: usize, style: &ResnetStyle) -> Result<Features> {
    let ResnetStyle { groups, eps, activation, time } = style;
    let inputs = x.channels;

    let norm = |name: &str, x: &Features| group_norm(&(s / name), x, *groups, *eps, Some(*activation));
    // Before anything uses the value of x: on CUDA the norm builds a sum x together with itself.
    let h = norm("norm1", x)?.value(s);
    let conv1 = &(s / "conv1");
    let h = match time {
        None => Features::new(conv(conv1, &h, inputs, outputs, SAME)?, outputs),
        Some((embedding, width)) => {
            let h = conv_term(conv1, &h, inputs, outputs, SAME)?;
            let s = s / "time_emb_proj";
            let shift = linear_term(&s, embedding, *width, outputs)?.map(|shift| for_all_cells(&s, shift));
            Features::sum(&s, [h, shift], None, outputs)
        }
    };
    let normal = norm("norm2", &h)?;
    let h = conv_term(&(s / "conv2"), &normal.value(s), outputs, outputs, SAME)?;

    // The value that norm1 built for x, if it did.
    let skip = match inputs == outputs {
        true => x.value(s).into(),
        false => conv_term(&(s / "conv_shortcut"), &x.value(s), inputs, outputs, POINT)?,
    };
    Ok(Features::sum(s, [skip, h], Some(&normal), outputs))
}

/// \[B, C\] -> \[B, C, 1, 1\], for CUDA via \[B, 1, 1, C\], the form needed there: the transposition cancels.
fn for_all_cells(s: &Scope, x: &Value) -> Value {
    match s.for_cuda() {
        true => from_channels_last(s, &s.op("Unsqueeze", [x, &s.ints([1, 2])])),
        false => s.op("Unsqueeze", [x, &s.ints([2, 3])]),
    }
}

/// A downsampling convolution.
pub(crate) fn downsample(s: &Scope, x: &Features, window: Window) -> Result<Features> {
    let value = conv(s, &x.value(s), x.channels, x.channels, window)?;
    Ok(Features::new(value, x.channels))
}

/// Nearest-neighbour upsampling to the size of `like`, twice this one or one less, then a convolution.
pub(crate) fn upsample_like(s: &Scope, x: &Features, like: &Value) -> Result<Features> {
    let size = s.op(op("Shape").int("start", 2), [like]);
    let none = Value::none();
    let larger = s.op(nearest().ints("axes", [2, 3]), [&x.value(s), &none, &none, &size]);
    Ok(Features::new(conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?, x.channels))
}

/// Nearest-neighbour upsampling to twice the size, then a convolution.
pub(crate) fn upsample_twice(s: &Scope, x: &Features) -> Result<Features> {
    let scales = s.constant(onnx::Tensor::f32s([1.0, 1.0, 2.0, 2.0]));
    let larger = s.op(nearest(), [&x.value(s), &Value::none(), &scales]);
    Ok(Features::new(conv(&(s / "conv"), &larger, x.channels, x.channels, SAME)?, x.channels))
}

/// torch's `interpolate(mode="nearest")`: source index = floor(index * input size / output size).
fn nearest() -> onnx::Op {
    op("Resize")
        .string("mode", "nearest")
        .string("nearest_mode", "floor")
        .string("coordinate_transformation_mode", "asymmetric")
}
