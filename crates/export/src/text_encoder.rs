//! The text encoder: transformers' `CLIPTextModel`.

use onnx::{DataType, Value, dim, op};

use crate::clip::Layers;
use crate::config::TextEncoderConfig;
use crate::error::Result;
use crate::layers::{layer_norm, per_sample};
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
    let width = config.clip.hidden_size;

    let x = s.reshape(&embeddings(&(&s / "embeddings"), &ids, config)?, [-1, width as i64]);
    let x = Layers { config: &config.clip, is_causal: true }.apply(&(&s / "encoder"), x, &ids)?;
    let norm = &s / "final_layer_norm";
    let x = layer_norm(&norm, &x, width, config.clip.layer_norm_eps)?;
    let x = per_sample(&norm, &x, width, &ids);

    builder.output("last_hidden_state", &x, [dim("batch"), dim("tokens"), dim(width as i64)]);
    Ok(builder.finish(Vec::new()))
}

/// A row for each token plus one for each position. Rows are picked before they are converted, since the table is
/// by far larger than any text.
fn embeddings(s: &Scope, ids: &Value, config: &TextEncoderConfig) -> Result<Value> {
    let table = |name: &str, rows: usize| {
        let shape = [rows, config.clip.hidden_size];
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
