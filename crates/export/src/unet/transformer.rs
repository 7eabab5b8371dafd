//! diffusers' `Transformer2DModel` and `BasicTransformerBlock`.

use onnx::{DataType, MICROSOFT, Value, op};

use super::attention::{Keys, Modulation};
use crate::config::Activation;
use crate::error::Result;
use crate::features::Features;
use crate::group_norm::{self, group_norm};
use crate::layers::{
    Term, add_rows, from_channels_last, in_shape_of, layer_norm, linear, linear_on_tokens, linear_term,
    linear_without_bias, pointwise, pointwise_term,
};
use crate::scope::Scope;

const LAYER_NORM_EPS: f32 = 1e-5;

/// The transformers of one resolution level, with their shared inputs.
pub(crate) struct Transformer<'a> {
    pub level: usize,
    pub heads: usize,
    pub layers: usize,
    pub groups: usize,
    pub linear_projection: bool,
    pub upcast_attention: bool,
    /// The text embeddings \[B, tokens, `text_width`\].
    pub text: &'a Value,
    pub text_width: usize,
    pub modulation: &'a Modulation,
}

impl Transformer<'_> {
    /// x + proj_out(layers(proj_in(norm(x)))), the layers on cells as rows.
    pub fn apply(&self, s: &Scope, x: &Features) -> Result<Features> {
        let channels = x.channels;
        let project = if self.linear_projection { linear } else { pointwise };
        let project_term = if self.linear_projection { linear_term } else { pointwise_term };
        let normal = group_norm(&(s / "norm"), x, self.groups, group_norm::EPS, None)?;
        let cells = normal.channels_last(s);
        let tokens = s.reshape(&cells, [0, -1, channels as i64]);
        let rows = s.reshape(&cells, [-1, channels as i64]);
        let mut h = project(&(s / "proj_in"), &rows, channels, channels)?;
        for n in 0..self.layers {
            h = self.layer(&(s / "transformer_blocks" / n), &h, channels, &tokens)?;
        }
        let h = project_term(&(s / "proj_out"), &h, channels, channels)?;
        let h = h.map(|rows| from_channels_last(s, &in_shape_of(s, rows, &cells)));
        Ok(Features::sum(s, [h, x.value(s).into()], Some(&normal), channels))
    }

    /// Self-attention, cross-attention and feed-forward, each on the normalised rows and added to them. `like` is
    /// \[B, N, width\].
    fn layer(&self, s: &Scope, x: &Value, width: usize, like: &Value) -> Result<Value> {
        let h = layer_norm(&(s / "norm1"), x, width, LAYER_NORM_EPS)?;
        let attn1 = &(s / "attn1");
        let h = self.attention(attn1, &h, width, Keys::Cells, like)?;
        let [x, h] = add_and_norm(&(s / "norm2"), x, &(attn1 / "to_out" / 0), &h, width)?;

        let attn2 = &(s / "attn2");
        let h = self.attention(attn2, &h, width, Keys::Tokens, like)?;
        let [x, h] = add_and_norm(&(s / "norm3"), &x, &(attn2 / "to_out" / 0), &h, width)?;

        let h = feed_forward(&(s / "ff"), &h, width)?;
        Ok(add_rows(s, &x, &h, width))
    }

    /// Projections of the rows, and attention within each sample.
    fn attention(&self, s: &Scope, rows: &Value, width: usize, keys: Keys, like: &Value) -> Result<Value> {
        let upcast =
            |s: &Scope, tokens: Value| if self.upcast(s) { s.cast(&tokens, DataType::Float) } else { tokens };
        let of_cells = |name: &str| {
            let s = s / name;
            let rows = linear_without_bias(&s, rows, width, width)?;
            Ok(upcast(&s, in_shape_of(&s, &rows, like)))
        };
        let of_context = |name: &str| match keys {
            Keys::Cells => of_cells(name),
            Keys::Tokens => {
                let s = s / name;
                let tokens = linear_on_tokens(&s, self.text, self.text_width, width)?;
                Ok(upcast(&s, tokens))
            }
        };
        let (q, k, v) = (of_cells("to_q")?, of_context("to_k")?, of_context("to_v")?);
        let attended = self.modulation.attend(s, [&q, &k, &v], self.heads, self.level, keys);
        let attended = if self.upcast(s) { s.compute(&attended) } else { attended };
        Ok(s.reshape(&attended, [-1, width as i64]))
    }

    /// Whether attention is in f32 in a half-precision graph. On CUDA the operator's logits are always in
    /// f32, and it is far faster in f16.
    fn upcast(&self, s: &Scope) -> bool {
        self.upcast_attention && s.dtype() != DataType::Float && !s.for_cuda()
    }
}

/// x + linear(h), and the layer norm of that. On CUDA bias, sum and norm are one operator, with one pass over
/// the rows; on the CPU it is slower than its parts.
fn add_and_norm(norm: &Scope, x: &Value, projection: &Scope, h: &Value, width: usize) -> Result<[Value; 2]> {
    if !norm.for_cuda() {
        let sum = norm.op("Add", [x, &linear(projection, h, width, width)?]);
        let normal = layer_norm(norm, &sum, width, LAYER_NORM_EPS)?;
        return Ok([sum, normal]);
    }
    let h = linear_without_bias(projection, h, width, width)?;
    let bias = projection.weight("bias", [width])?;
    let (scale, shift) = (norm.weight("weight", [width])?, norm.weight("bias", [width])?);
    let fused = op("SkipLayerNormalization").domain(MICROSOFT).float("epsilon", LAYER_NORM_EPS);
    let [normal, sum] = norm.op_with_outputs(fused, [&h, x, &scale, &shift, &bias], [0, 3]);
    Ok([sum, normal])
}

/// W2 (h gelu(g)) with \[h, g\] = W1 x, four times as wide: diffusers' `FeedForward` with `GEGLU`.
fn feed_forward(s: &Scope, x: &Value, width: usize) -> Result<Term> {
    let inner = 4 * width;
    let gated = &(s / "net" / 0 / "proj");
    let gated = match s.for_cuda() && FUSED_GEGLU.contains(&inner) {
        true => fused_geglu(gated, x, width, inner)?,
        false => geglu(gated, x, width, inner)?,
    };
    linear_term(&(s / "net" / 2), &gated, inner, width)
}

fn geglu(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    let [hidden, gate] = s.halves(&linear(s, x, inputs, 2 * outputs)?);
    Ok(s.op("Mul", [&hidden, &Activation::Gelu.apply(s, &gate)]))
}

/// The widths that ONNX Runtime's `BiasSplitGelu` takes: those of Stable Diffusion.
const FUSED_GEGLU: [usize; 3] = [1280, 2560, 5120];

/// By an operator that only ONNX Runtime's CUDA provider has: it reads the product, the layer's largest
/// array, once, where separate bias, split, activation and product would pass over it nine times.
fn fused_geglu(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    let both = linear_without_bias(s, x, inputs, 2 * outputs)?;
    let both = s.reshape(&both, [1, -1, 2 * outputs as i64]);
    let gated = s.op(op("BiasSplitGelu").domain(MICROSOFT), [&both, &s.weight("bias", [2 * outputs])?]);
    Ok(s.reshape(&gated, [-1, outputs as i64]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use onnx::dim;

    use super::*;
    use crate::common::{input, numbers, run, spelled_out, write_weights};
    use crate::scope::Builder;
    use crate::weights::Tensors;
    use crate::{ExportedModel, Precision, Target};

    const WIDTH: usize = 320;

    /// Weights of a feed-forward layer of Stable Diffusion's width.
    fn weights(folder: &std::path::Path) -> Tensors {
        let inner = 4 * WIDTH;
        let shapes: [(&str, &[usize]); 4] = [
            ("net.0.proj.weight", &[2 * inner, WIDTH]),
            ("net.0.proj.bias", &[2 * inner]),
            ("net.2.weight", &[WIDTH, inner]),
            ("net.2.bias", &[WIDTH]),
        ];
        write_weights(folder, &shapes);
        Tensors::open(folder, "model").unwrap()
    }

    fn model(tensors: &Tensors, cuda: bool) -> ExportedModel {
        let builder = Builder::new("feed_forward", tensors, Target { cuda, ..Precision::F32.into() });
        let x = builder.input("x", DataType::Float, [dim("rows"), dim(WIDTH as i64)]);
        let s = builder.root();
        let y = add_rows(&s, &x, &feed_forward(&s, &x, WIDTH).unwrap(), WIDTH);
        builder.output("y", &y, [dim("rows"), dim(WIDTH as i64)]);
        builder.finish(vec![])
    }

    #[test]
    fn the_fused_operators_for_cuda_compute_what_the_feed_forward_layer_is_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let tensors = weights(folder.path());
        let x = numbers(9, 5 * WIDTH);
        let [(composed, none), (fused, two)] = [false, true].map(|cuda| {
            let (mut session, count) = spelled_out::session(&model(&tensors, cuda));
            (run(&mut session, vec![input("x", &[5, WIDTH], &x)]), count)
        });
        assert_eq!((none, two), (0, 2));
        let largest = composed.1.iter().map(|x| x.abs()).fold(0.0, f32::max);
        for (composed, fused) in composed.1.iter().zip(&fused.1) {
            let difference = (composed - fused).abs();
            assert!(difference <= 1e-5 * largest, "off by {difference} of {largest}");
        }
    }
}
