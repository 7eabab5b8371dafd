//! The text encoders: transformers' `CLIPTextModel`, and Stable Diffusion XL's second, `CLIPTextModelWithProjection`.

use onnx::{DataType, Value, dim, op};

use crate::clip::Layers;
use crate::config::TextEncoderConfig;
use crate::error::Result;
use crate::layers::{layer_norm, linear_without_bias, per_sample};
use crate::scope::{Builder, Scope};
use crate::weights::{TEXT_PROJECTION, Tensors};
use crate::{ExportedModel, Precision};

/// The outputs wanted for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// The last hidden states.
    LastHiddenState,
    /// The hidden states that enter the last layer.
    Penultimate,
    /// Those, and the pooled embedding.
    PenultimateAndText,
}

/// `eos_token_id` in configurations from before transformers used it.
const NO_EOS_TOKEN_ID: usize = 2;

/// Token and position embeddings, the layers, a last norm.
pub(crate) fn build(
    config: &TextEncoderConfig,
    tensors: &Tensors,
    precision: Precision,
    output: Output,
) -> Result<ExportedModel> {
    let name = if output == Output::PenultimateAndText { "text_encoder_2" } else { "text_encoder" };
    let builder = Builder::new(name, tensors, precision);
    let ids = builder.input("input_ids", DataType::Int64, [dim("batch"), dim("tokens")]);
    let root = builder.root();
    // Newer versions of transformers write the keys without this prefix.
    let s = if root.has("final_layer_norm.weight") { root.clone() } else { &root / "text_model" };
    let width = config.clip.hidden_size;

    let x = s.reshape(&embeddings(&(&s / "embeddings"), &ids, config)?, [-1, width as i64]);
    let layers = Layers { config: &config.clip, is_causal: true };
    let (encoder, last) = (&s / "encoder", config.clip.num_hidden_layers - 1);
    let penultimate = layers.apply(&encoder, 0..last, x, &ids)?;
    let tokens = [dim("batch"), dim("tokens"), dim(width as i64)];
    if output != Output::LastHiddenState {
        builder.output("hidden_states", &per_sample(&encoder, &penultimate, width, &ids), tokens.clone());
    }
    if output != Output::Penultimate {
        let x = layers.apply(&encoder, last..last + 1, penultimate, &ids)?;
        let norm = &s / "final_layer_norm";
        let x = layer_norm(&norm, &x, width, config.clip.layer_norm_eps)?;
        let x = per_sample(&norm, &x, width, &ids);
        if output == Output::LastHiddenState {
            builder.output("last_hidden_state", &x, tokens);
        } else {
            let text = s.op(op("GatherND").int("batch_dims", 1), [&x, &end(&s, &ids, config)]);
            let text = project(&root, &text, width, config.projection_dim)?;
            builder.output("text_embeds", &text, [dim("batch"), dim(config.projection_dim as i64)]);
        }
    }
    Ok(builder.finish(Vec::new()))
}

/// Projects the pooled embedding; only OpenCLIP's own files have the weight as \[inputs, outputs\].
fn project(s: &Scope, x: &Value, inputs: usize, outputs: usize) -> Result<Value> {
    match s.has(TEXT_PROJECTION) {
        true => Ok(s.op("MatMul", [x, &s.weight(TEXT_PROJECTION, [inputs, outputs])?])),
        false => linear_without_bias(&(s / TEXT_PROJECTION), x, inputs, outputs),
    }
}

/// Where each text ends, `[batch, 1]`: at its first end token.
fn end(s: &Scope, ids: &Value, config: &TextEncoderConfig) -> Value {
    let is_end = match config.eos_token_id {
        NO_EOS_TOKEN_ID => s.cast(ids, DataType::Int32),
        id => s.cast(&s.op("Equal", [ids, &s.ints([id as i64])]), DataType::Int32),
    };
    s.op(op("ArgMax").int("axis", 1).int("keepdims", 1), [&is_end])
}

/// A row for each token plus one for each position. Rows are gathered before conversion, since the table is
/// far larger than any text.
fn embeddings(s: &Scope, ids: &Value, config: &TextEncoderConfig) -> Result<Value> {
    let table = |name: &str, rows: usize| {
        let shape = [rows, config.clip.hidden_size];
        (s / name).stored_weight("weight", &shape, &shape)
    };
    let convert = |x: Value, dtype: DataType| s.as_type(x, dtype, s.dtype());

    let (tokens, dtype) = table("token_embedding", config.vocab_size)?;
    let tokens = convert(s.op("Gather", [&tokens, ids]), dtype);
    let (positions, dtype) = table("position_embedding", config.max_position_embeddings)?;
    let length = s.op(op("Shape").int("start", 1).int("end", 2), [ids]);
    let positions = convert(s.op("Slice", [&positions, &s.ints([0]), &length, &s.ints([0])]), dtype);
    Ok(s.op("Add", [&tokens, &positions]))
}
