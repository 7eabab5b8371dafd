//! The safety checker: diffusers' `StableDiffusionSafetyChecker`, transformers' `CLIPVisionModel` and a comparison.

use onnx::{DataType, Tensor, Value, dim, op};

use crate::clip::Layers;
use crate::config::SafetyCheckerConfig;
use crate::error::Result;
use crate::layers::{batch, layer_norm, linear_without_bias, per_sample, to_rows};
use crate::scope::{Builder, Scope};
use crate::weights::Tensors;
use crate::{ExportedModel, Precision};

/// Concepts that a picture is compared with, in all checkpoints.
const CONCEPTS: usize = 17;
/// Concepts that make the comparison stricter.
const SPECIAL_CARE: usize = 3;
/// The adjustment of the thresholds for them.
const ADJUSTMENT: f32 = 0.01;
/// Scores are rounded to 1 / 1000 before they are compared with 0.
const DIGITS: f32 = 1000.0;

/// Patches and a class token, the layers; the class token, projected and compared with the concepts.
pub(crate) fn build(
    config: &SafetyCheckerConfig,
    tensors: &Tensors,
    precision: Precision,
) -> Result<ExportedModel> {
    let builder = Builder::new("safety_checker", tensors, precision);
    let side = dim(config.image_size as i64);
    let pixels = builder.input("clip_input", DataType::Float, [dim("batch"), dim(3), side.clone(), side]);
    let root = builder.root();
    let s = &root / "vision_model";
    // Newer versions of transformers write the keys without this prefix.
    let s = if s.has("pre_layrnorm.weight") { s } else { s / "vision_model" };
    let (width, eps) = (config.clip.hidden_size, config.clip.layer_norm_eps);

    let x = embeddings(&(&s / "embeddings"), &root.compute(&pixels), config)?;
    let x = layer_norm(&(&s / "pre_layrnorm"), &s.reshape(&x, [-1, width as i64]), width, eps)?;
    let x = Layers { config: &config.clip, is_causal: false }.apply(
        &(&s / "encoder"),
        0..config.clip.num_hidden_layers,
        x,
        &pixels,
    )?;
    let tokens = per_sample(&s, &x, width, &pixels);
    let class = s.reshape(&s.op(op("Gather").int("axis", 1), [&tokens, &s.ints([0])]), [-1, width as i64]);
    let class = layer_norm(&(&s / "post_layernorm"), &class, width, eps)?;
    let embeds = linear_without_bias(&(&root / "visual_projection"), &class, width, config.projection_dim)?;
    let scores = concept_scores(&root, &embeds, config.projection_dim)?;

    builder.output("concept_scores", &scores, [dim("batch"), dim(CONCEPTS as i64)]);
    builder.output("image_embeds", &embeds, [dim("batch"), dim(config.projection_dim as i64)]);
    Ok(builder.finish(Vec::new()))
}

/// \[B, 3, S, S\] -> \[B, 1 + patches, width\]: the class token and a token for each patch, plus one for each position.
fn embeddings(s: &Scope, pixels: &Value, config: &SafetyCheckerConfig) -> Result<Value> {
    let (width, patch) = (config.clip.hidden_size, config.patch_size);
    let weight = (s / "patch_embedding").weight("weight", [width, 3, patch, patch])?;
    let sides = [patch as i64; 2];
    let conv = s.op(op("Conv").ints("kernel_shape", sides).ints("strides", sides), [pixels, &weight]);
    let patches = per_sample(s, &to_rows(s, &conv, width), width, pixels);
    let class = s.weight_as("class_embedding", [width], [1, 1, width])?;
    let shape = s.op(op("Concat").int("axis", 0), [&batch(s, pixels), &s.ints([1, 1])]);
    let class = s.op("Expand", [&class, &shape]);
    let tokens = s.op(op("Concat").int("axis", 1), [&class, &patches]);
    let positions = (s / "position_embedding").weight("weight", [1 + config.patches(), width])?;
    Ok(s.op("Add", [&tokens, &positions]))
}

/// By how much the cosine with each concept exceeds its threshold, rounded, in f32, as in diffusers.
fn concept_scores(s: &Scope, embeds: &Value, width: usize) -> Result<Value> {
    let number = |value: f32| s.constant(Tensor::f32(value));
    let round =
        |x: &Value| s.op("Div", [&s.op("Round", [&s.op("Mul", [x, &number(DIGITS)])]), &number(DIGITS)]);
    let embeds = s.cast(embeds, DataType::Float);
    let care = past_threshold(s, &embeds, "special_care_embeds", SPECIAL_CARE, width)?;
    let strongest = s.op(op("ReduceMax").int("keepdims", 1), [&care, &s.ints([1])]);
    let is_shown = s.op("Greater", [&round(&strongest), &number(0.0)]);
    let adjustment = s.op("Mul", [&s.cast(&is_shown, DataType::Float), &number(ADJUSTMENT)]);
    let scores = past_threshold(s, &embeds, "concept_embeds", CONCEPTS, width)?;
    Ok(round(&s.op("Add", [&scores, &adjustment])))
}

/// The cosines of `embeds` \[B, width\] with the concepts `name`, minus their thresholds: \[B, count\].
fn past_threshold(s: &Scope, embeds: &Value, name: &str, count: usize, width: usize) -> Result<Value> {
    let stored = |name: &str, shape: &[usize]| {
        let (value, _) = s.stored_weight(name, shape, shape)?;
        Ok((s / name).cast(&value, DataType::Float))
    };
    let normal = |x: &Value| (s / name).op(op("LpNormalization").int("axis", 1).int("p", 2), [x]);
    let concepts = normal(&stored(name, &[count, width])?);
    let cosines = (s / name).op(op("Gemm").int("transB", 1), [&normal(embeds), &concepts]);
    Ok((s / name).op("Sub", [&cosines, &stored(&format!("{name}_weights"), &[count])?]))
}
