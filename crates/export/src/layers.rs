//! The layers shared by all models. Feature maps are \[B, C, H, W\]; tokens are rows, \[B * N, C\].

use onnx::{MICROSOFT, Op, Value, op};

use crate::config::Activation;
use crate::error::Result;
use crate::scope::Scope;

/// x W^T + b on rows: `torch.nn.Linear`, by a Gemm that takes the weight as stored.
pub(crate) fn linear(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    with_bias(s, projection(), x, &s.weight("weight", [outputs, inputs])?, outputs)
}

/// A 1x1 convolution on rows, where it is a linear layer.
pub(crate) fn pointwise(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    with_bias(s, projection(), x, &pointwise_weight(s, inputs, outputs)?, outputs)
}

/// x W^T on rows: `torch.nn.Linear` without a bias.
pub(crate) fn linear_without_bias(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    Ok(s.op(projection(), [x, &s.weight("weight", [outputs, inputs])?]))
}

/// x W^T on tokens \[B, N, inputs\]: `torch.nn.Linear` without a bias.
pub(crate) fn linear_on_tokens(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    let product = op("FusedMatMul").domain(MICROSOFT).int("transB", 1);
    Ok(s.op(product, [x, &s.weight("weight", [outputs, inputs])?]))
}

fn projection() -> Op {
    op("Gemm").int("transB", 1)
}

fn pointwise_weight(s: &Scope, inputs: usize, outputs: usize) -> Result<Value> {
    s.weight_as("weight", [outputs, inputs, 1, 1], [outputs, inputs])
}

fn with_bias(s: &Scope, layer: Op, x: &Value, weight: &Value, outputs: usize) -> Result<Value> {
    Ok(s.op(layer, [x, weight, &s.weight("bias", [outputs])?]))
}

/// A summand: a layer's output, and its bias if that is still to be added. On CUDA a bias costs a pass of its
/// own over the output, which adding it in the sum saves; elsewhere it costs nothing.
pub(crate) struct Term {
    pub value: Value,
    pub bias: Option<Value>,
}

impl From<Value> for Term {
    fn from(value: Value) -> Self {
        Self { value, bias: None }
    }
}

impl Term {
    fn of(s: &Scope, layer: Op, x: &Value, weight: &Value, outputs: usize) -> Result<Self> {
        if !s.for_cuda() {
            return with_bias(s, layer, x, weight, outputs).map(Self::from);
        }
        Ok(Self { value: s.op(layer, [x, weight]), bias: Some(s.weight("bias", [outputs])?) })
    }

    /// Applies `form` to the value.
    pub fn map(self, form: impl FnOnce(&Value) -> Value) -> Self {
        Self { value: form(&self.value), ..self }
    }
}

/// [`linear`] as a summand.
pub(crate) fn linear_term(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Term> {
    Term::of(s, projection(), x, &s.weight("weight", [outputs, inputs])?, outputs)
}

/// [`pointwise`] as a summand.
pub(crate) fn pointwise_term(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Term> {
    Term::of(s, projection(), x, &pointwise_weight(s, inputs, outputs)?, outputs)
}

/// x + h on rows of `width`.
pub(crate) fn add_rows(s: &Scope, x: &Value, h: &Term, width: usize) -> Value {
    match &h.bias {
        None => s.op("Add", [x, &h.value]),
        Some(bias) if BIAS_ADD_WIDTHS.contains(&width) => {
            s.reshape(&bias_add(s, [&h.value, bias, x], width), [-1, width as i64])
        }
        Some(bias) => s.op("Add", [x, &s.op("Add", [&h.value, bias])]),
    }
}

/// The widths that ONNX Runtime's `BiasAdd` takes: those of Stable Diffusion.
pub(crate) const BIAS_ADD_WIDTHS: [usize; 3] = [320, 640, 1280];

/// x + bias + skip, with `width` channels last, as \[1, N, width\], in one pass, by an operator that only
/// ONNX Runtime's CUDA provider has.
pub(crate) fn bias_add(s: &Scope, [x, bias, skip]: [&Value; 3], width: usize) -> Value {
    let [x, skip] = [x, skip].map(|value| s.reshape(value, [1, -1, width as i64]));
    s.op(op("BiasAdd").domain(MICROSOFT), [&x, bias, &skip])
}

/// The window of a convolution, the same in both directions.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub kernel: usize,
    pub stride: i64,
    /// Top, left, bottom, right.
    pub pads: [i64; 4],
}

impl Window {
    fn weight(self, s: &Scope, inputs: usize, outputs: usize) -> Result<Value> {
        s.weight("weight", [outputs, inputs, self.kernel, self.kernel])
    }

    fn convolution(self) -> Op {
        let Self { kernel, stride, pads } = self;
        op("Conv").ints("kernel_shape", [kernel as i64; 2]).ints("strides", [stride; 2]).ints("pads", pads)
    }
}

/// 3x3 at the same size.
pub(crate) const SAME: Window = Window { kernel: 3, stride: 1, pads: [1; 4] };
/// 1x1.
pub(crate) const POINT: Window = Window { kernel: 1, stride: 1, pads: [0; 4] };

/// `torch.nn.Conv2d`.
pub(crate) fn conv(s: &Scope, x: &Value, inputs: usize, outputs: usize, window: Window) -> Result<Value> {
    with_bias(s, window.convolution(), x, &window.weight(s, inputs, outputs)?, outputs)
}

/// [`conv`] as a summand.
pub(crate) fn conv_term(s: &Scope, x: &Value, inputs: usize, outputs: usize, window: Window) -> Result<Term> {
    Term::of(s, window.convolution(), x, &window.weight(s, inputs, outputs)?, outputs)
}

/// `torch.nn.LayerNorm` over the channels of rows.
pub(crate) fn layer_norm(s: &Scope, x: &Value, width: usize, eps: f32) -> Result<Value> {
    let norm = op("LayerNormalization").int("axis", -1).float("epsilon", eps);
    Ok(s.op(norm, [x, &s.weight("weight", [width])?, &s.weight("bias", [width])?]))
}

impl Activation {
    /// Applies the activation to every element.
    pub(crate) fn apply(self, s: &Scope, x: &Value) -> Value {
        match self {
            Self::Silu => s.op("Mul", [x, &s.op("Sigmoid", [x])]),
            Self::Gelu => s.op("Gelu", [x]),
            Self::QuickGelu => {
                let gate = s.op("Sigmoid", [&s.op("Mul", [x, &s.numbers(1.702, 1)])]);
                s.op("Mul", [x, &gate])
            }
        }
    }
}

/// \[B, C, H, W\] -> \[B, H, W, C\].
pub(crate) fn to_channels_last(s: &Scope, x: &Value) -> Value {
    s.op(op("Transpose").ints("perm", [0, 2, 3, 1]), [x])
}

/// \[B, H, W, C\] -> \[B, C, H, W\].
pub(crate) fn from_channels_last(s: &Scope, x: &Value) -> Value {
    s.op(op("Transpose").ints("perm", [0, 3, 1, 2]), [x])
}

/// \[B, C, H, W\] -> rows \[B * H * W, C\].
pub(crate) fn to_rows(s: &Scope, x: &Value, channels: usize) -> Value {
    s.reshape(&to_channels_last(s, x), [-1, channels as i64])
}

/// Reshapes `x` to the shape of `like`.
///
/// The only way on CUDA: a tensor's `Shape` is known on the host, but anything computed from it runs on the
/// GPU, for which the host then waits each time. The same holds for the `Shape` of what ONNX Runtime
/// transposes: all feature maps but those that an operator outputs channels-last.
pub(crate) fn in_shape_of(s: &Scope, x: &Value, like: &Value) -> Value {
    s.op("Reshape", [x, &s.op("Shape", [like])])
}

/// Rows \[B * N, C\] -> \[B, N, C\], by graph input `input`. On CUDA not with convolutions: [`in_shape_of`].
pub(crate) fn per_sample(s: &Scope, rows: &Value, channels: usize, input: &Value) -> Value {
    let shape = s.op(op("Concat").int("axis", 0), [&batch(s, input), &s.ints([-1, channels as i64])]);
    s.op("Reshape", [rows, &shape])
}

/// The number of samples of a graph input, i64 \[1\].
pub(crate) fn batch(s: &Scope, input: &Value) -> Value {
    s.op(op("Shape").int("start", 0).int("end", 1), [input])
}

/// Plain attention of ONNX Runtime: softmax(Q K^T / sqrt(d)) V on \[B, N, heads * d\].
pub(crate) fn plain_attention(heads: usize) -> Op {
    op("MultiHeadAttention").domain(MICROSOFT).int("num_heads", heads as i64)
}
