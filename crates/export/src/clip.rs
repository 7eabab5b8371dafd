//! The transformer layers of CLIP's text and vision models: transformers' `CLIPEncoder`.

use std::ops::Range;

use onnx::Value;

use crate::config::ClipConfig;
use crate::error::Result;
use crate::layers::{layer_norm, linear, per_sample, plain_attention};
use crate::scope::Scope;

/// The layers' configuration.
pub(crate) struct Layers<'a> {
    pub config: &'a ClipConfig,
    /// Whether tokens attend only to themselves and earlier ones.
    pub is_causal: bool,
}

impl Layers<'_> {
    /// Applies some of the layers to the rows \[B * N, width\]; B is the first dimension of `like`.
    pub fn apply(&self, s: &Scope, mut layers: Range<usize>, x: Value, like: &Value) -> Result<Value> {
        layers.try_fold(x, |x, n| self.layer(&(s / "layers" / n), &x, like))
    }

    /// Self-attention and feed-forward, each on the normalised rows and added to them.
    fn layer(&self, s: &Scope, x: &Value, like: &Value) -> Result<Value> {
        let ClipConfig { hidden_size: width, intermediate_size: inner, .. } = *self.config;
        let eps = self.config.layer_norm_eps;
        let h = layer_norm(&(s / "layer_norm1"), x, width, eps)?;
        let attention = s / "self_attn";
        let project = |name: &str| {
            let s = &attention / name;
            Ok(per_sample(&s, &linear(&s, &h, width, width)?, width, like))
        };
        let plain = plain_attention(self.config.num_attention_heads);
        let op = if self.is_causal { plain.int("unidirectional", 1) } else { plain };
        let h = attention.op(op, [&project("q_proj")?, &project("k_proj")?, &project("v_proj")?]);
        let h = linear(&(&attention / "out_proj"), &attention.reshape(&h, [-1, width as i64]), width, width)?;
        let x = s.op("Add", [x, &h]);

        let h = layer_norm(&(s / "layer_norm2"), &x, width, eps)?;
        let h = linear(&(s / "mlp" / "fc1"), &h, width, inner)?;
        let h = self.config.hidden_act.apply(&(s / "mlp" / "fc1"), &h);
        let h = linear(&(s / "mlp" / "fc2"), &h, inner, width)?;
        Ok(s.op("Add", [&x, &h]))
    }
}
