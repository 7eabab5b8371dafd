//! The text encoder: transformers' `CLIPTextModel`.

use onnx::{DataType, Value, dim, op};

use crate::config::{TextActivation, TextEncoderConfig};
use crate::error::Result;
use crate::layers::{Activation, layer_norm, linear, per_sample, plain_attention};
use crate::scope::{Builder, Scope};
use crate::weights::Tensors;
use crate::{ExportedModel, Precision};

/// Token and position embeddings, the layers, a last norm.
pub(crate) fn build(
    config: &TextEncoderConfig,
    tensors: &Tensors,
    precision: Precision,
) -> Result<ExportedModel> {
    let builder = Builder::new("text_encoder", tensors, precision);
    let ids = builder.input("input_ids", DataType::Int64, [dim("batch"), dim("tokens")]);
    let s = builder.root();
    // Newer versions of transformers write the keys without this prefix.
    let s = if s.has("final_layer_norm.weight") { s } else { s / "text_model" };
    let width = config.hidden_size;

    let mut x = s.reshape(&embeddings(&(&s / "embeddings"), &ids, config)?, [-1, width as i64]);
    for n in 0..config.num_hidden_layers {
        x = layer(&(&s / "encoder" / "layers" / n), &x, config, &ids)?;
    }
    let norm = &s / "final_layer_norm";
    let x = layer_norm(&norm, &x, width, config.layer_norm_eps)?;
    let x = per_sample(&norm, &x, width, &ids);

    builder.output("last_hidden_state", &x, [dim("batch"), dim("tokens"), dim(width as i64)]);
    Ok(builder.finish(Vec::new()))
}

/// A row for each token plus one for each position. Rows are picked before they are converted, since the table is
/// by far larger than any text.
fn embeddings(s: &Scope, ids: &Value, config: &TextEncoderConfig) -> Result<Value> {
    let table = |name: &str, rows: usize| {
        let shape = [rows, config.hidden_size];
        (s / name).stored_weight("weight", &shape, &shape)
    };
    let convert = |x: Value, dtype: DataType| if dtype == s.dtype() { x } else { s.cast(&x, s.dtype()) };

    let (tokens, dtype) = table("token_embedding", config.vocab_size)?;
    let tokens = convert(s.op("Gather", [&tokens, ids]), dtype);
    let (positions, dtype) = table("position_embedding", config.max_position_embeddings)?;
    let length = s.op(op("Shape").int("start", 1).int("end", 2), [ids]);
    let positions = convert(s.op("Slice", [&positions, &s.ints([0]), &length, &s.ints([0])]), dtype);
    Ok(s.op("Add", [&tokens, &positions]))
}

/// Causal self-attention and feed-forward, each on the normalised rows and added to them.
fn layer(s: &Scope, x: &Value, config: &TextEncoderConfig, ids: &Value) -> Result<Value> {
    let (width, eps) = (config.hidden_size, config.layer_norm_eps);
    let h = layer_norm(&(s / "layer_norm1"), x, width, eps)?;
    let attention = s / "self_attn";
    let project = |name: &str| {
        let s = &attention / name;
        Ok(per_sample(&s, &linear(&s, &h, width, width)?, width, ids))
    };
    let causal = plain_attention(config.num_attention_heads).int("unidirectional", 1);
    let h = attention.op(causal, [&project("q_proj")?, &project("k_proj")?, &project("v_proj")?]);
    let h = linear(&(&attention / "out_proj"), &attention.reshape(&h, [-1, width as i64]), width, width)?;
    let x = s.op("Add", [x, &h]);

    let h = layer_norm(&(s / "layer_norm2"), &x, width, eps)?;
    let h = linear(&(s / "mlp" / "fc1"), &h, width, config.intermediate_size)?;
    let h = activation(config).apply(&(s / "mlp" / "fc1"), &h);
    let h = linear(&(s / "mlp" / "fc2"), &h, config.intermediate_size, width)?;
    Ok(s.op("Add", [&x, &h]))
}

fn activation(config: &TextEncoderConfig) -> Activation {
    match config.hidden_act {
        TextActivation::QuickGelu => Activation::QuickGelu,
        TextActivation::Gelu => Activation::Gelu,
    }
}
