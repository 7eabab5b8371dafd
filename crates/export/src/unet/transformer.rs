//! diffusers' `Transformer2DModel` and `BasicTransformerBlock`.

use onnx::{DataType, Value};

use super::attention::{Keys, Modulation};
use crate::error::Result;
use crate::group_norm::{self, group_norm};
use crate::layers::{
    Activation, from_rows, layer_norm, linear, linear_without_bias, per_sample, pointwise, to_rows,
};
use crate::resnet::Features;
use crate::scope::Scope;

const LAYER_NORM_EPS: f32 = 1e-5;

/// The transformers of one resolution level, and what goes into all of them.
pub(crate) struct Transformer<'a> {
    pub level: usize,
    pub heads: usize,
    pub layers: usize,
    pub groups: usize,
    pub linear_projection: bool,
    pub upcast_attention: bool,
    /// The text embeddings as rows \[B * tokens, `text_width`\].
    pub text: &'a Value,
    pub text_width: usize,
    pub modulation: &'a Modulation,
}

impl Transformer<'_> {
    /// x + proj_out(layers(proj_in(norm(x)))), the layers on cells as rows.
    pub fn apply(&self, s: &Scope, x: &Features) -> Result<Features> {
        let channels = x.channels;
        let project = if self.linear_projection { linear } else { pointwise };
        let h = group_norm(&(s / "norm"), x, self.groups, group_norm::EPS, None)?;
        let mut h = project(&(s / "proj_in"), &to_rows(s, &h, channels), channels, channels)?;
        for n in 0..self.layers {
            h = self.layer(&(s / "transformer_blocks" / n), &h, channels, &x.value)?;
        }
        let h = project(&(s / "proj_out"), &h, channels, channels)?;
        let value = s.op("Add", [&from_rows(s, &h, channels, &x.value), &x.value]);
        Ok(Features { value, channels })
    }

    /// Self-attention, cross-attention and feed-forward, each on the normalised rows and added to them.
    fn layer(&self, s: &Scope, x: &Value, width: usize, like: &Value) -> Result<Value> {
        let h = layer_norm(&(s / "norm1"), x, width, LAYER_NORM_EPS)?;
        let h = self.attention(&(s / "attn1"), (&h, width), (&h, width), Keys::Cells, like)?;
        let x = s.op("Add", [x, &h]);

        let h = layer_norm(&(s / "norm2"), &x, width, LAYER_NORM_EPS)?;
        let text = (self.text, self.text_width);
        let h = self.attention(&(s / "attn2"), (&h, width), text, Keys::Tokens, like)?;
        let x = s.op("Add", [&x, &h]);

        let h = layer_norm(&(s / "norm3"), &x, width, LAYER_NORM_EPS)?;
        let h = feed_forward(&(s / "ff"), &h, width)?;
        Ok(s.op("Add", [&x, &h]))
    }

    /// Projections, attention of the samples by themselves, projection. Rows come with their width.
    fn attention(
        &self,
        s: &Scope,
        (x, width): (&Value, usize),
        (context, context_width): (&Value, usize),
        keys: Keys,
        like: &Value,
    ) -> Result<Value> {
        let project = |name: &str, rows: &Value, inputs: usize| -> Result<Value> {
            let s = s / name;
            let projected = linear_without_bias(&s, rows, inputs, width)?;
            let tokens = per_sample(&s, &projected, width, like);
            Ok(if self.upcast(&s) { s.cast(&tokens, DataType::Float) } else { tokens })
        };
        let q = project("to_q", x, width)?;
        let k = project("to_k", context, context_width)?;
        let v = project("to_v", context, context_width)?;
        let attended = self.modulation.attend(s, [&q, &k, &v], self.heads, self.level, keys);
        let attended = if self.upcast(s) { s.compute(&attended) } else { attended };
        let rows = s.reshape(&attended, [-1, width as i64]);
        linear(&(s / "to_out" / 0), &rows, width, width)
    }

    /// Attention in f32 inside a half-precision graph.
    fn upcast(&self, s: &Scope) -> bool {
        self.upcast_attention && s.dtype() != DataType::Float
    }
}

/// W2 (h gelu(g)) with \[h, g\] = W1 x, four times as wide: diffusers' `FeedForward` with `GEGLU`.
fn feed_forward(s: &Scope, x: &Value, width: usize) -> Result<Value> {
    let inner = 4 * width;
    let gated = &(s / "net" / 0 / "proj");
    let [hidden, gate] = gated.halves(&linear(gated, x, width, 2 * inner)?);
    let hidden = gated.op("Mul", [&hidden, &Activation::Gelu.apply(gated, &gate)]);
    linear(&(s / "net" / 2), &hidden, inner, width)
}
