//! The operator as a model-local ONNX function: standard operators only, so that any ONNX runtime can execute
//! an exported model. Unlike the kernel, it needs memory for N x M logits.

use onnx::{
    AttributeProto, AttributeType, DataType, FunctionProto, NodeProto, OPSET, Op, OperatorSetIdProto, Tensor,
    op,
};

use crate::{DOMAIN, OP_NAME};

/// Returns `dense_diffusion::ModulatedAttention` in standard operators of opset 21.
///
/// Inputs, attributes and result are the operator's, see the [crate's documentation](crate). The element type
/// is that of Q; inside, everything is f32, because logits of f16 inputs can overflow f16.
pub fn function() -> FunctionProto {
    let mut body = Body::default();

    // The attributes, as tensors.
    body.node(
        op("Constant").reference("value_int", AttributeType::Int, "num_heads"),
        &[],
        "num_heads_scalar",
    );
    body.node(op("Constant").reference("value_float", AttributeType::Float, "scale"), &[], "scale_given");
    body.constant("axis_0", Tensor::i64s([0]));
    body.constant("axes_of_regions_q", Tensor::i64s([1, 3]));
    body.constant("axes_of_regions_k", Tensor::i64s([1, 2]));
    body.constant("axis_keys", Tensor::i64s([-1]));
    body.constant("copy_two", Tensor::i64s([0, 0]));
    body.node("Unsqueeze", &["num_heads_scalar", "axis_0"], "num_heads_1d");

    // The shapes with heads split and merged. No size is -1: for an empty tensor it cannot be inferred.
    body.node("Shape", &["Q"], "merged_shape");
    body.node(op("Shape").int("start", 2), &["Q"], "width");
    body.node("Div", &["width", "num_heads_1d"], "head_size_int");
    body.node(op("Concat").int("axis", 0), &["copy_two", "num_heads_1d", "head_size_int"], "split_shape");

    // [B, N, H*d] -> [B, H, N, d]; K directly transposed for the product.
    body.heads("Q", "q", [0, 2, 1, 3]);
    body.heads("K", "k_transposed", [0, 2, 3, 1]);
    body.heads("V", "v", [0, 2, 1, 3]);

    // scale, or 1 / sqrt(d) where it is 0.
    body.cast("head_size_int", "head_size", DataType::Float);
    body.node("Sqrt", &["head_size"], "head_size_root");
    body.node("Reciprocal", &["head_size_root"], "scale_default");
    body.constant("zero", Tensor::f32s([0.0]));
    body.node("Equal", &["scale_given", "zero"], "scale_absent");
    body.node("Where", &["scale_absent", "scale_default", "scale_given"], "scale_used");

    // sim = scale * Q K^T, with its extremes over the keys.
    body.node("Mul", &["q", "scale_used"], "q_scaled");
    body.node("MatMul", &["q_scaled", "k_transposed"], "sim");
    body.node(op("ReduceMax").int("keepdims", 1), &["sim", "axis_keys"], "sim_max");
    body.node(op("ReduceMin").int("keepdims", 1), &["sim", "axis_keys"], "sim_min");

    // inside = query_regions & key_regions != 0, [B|1, 1, N, M].
    body.node("Unsqueeze", &["query_regions", "axes_of_regions_q"], "regions_q");
    body.node("Unsqueeze", &["key_regions", "axes_of_regions_k"], "regions_k");
    body.node("BitwiseAnd", &["regions_q", "regions_k"], "shared_regions");
    body.cast("shared_regions", "inside", DataType::Bool);

    // sim' = sim + strength * (target - sim), or sim ± |strength| where the strength is negative
    body.node("Where", &["inside", "sim_max", "sim_min"], "target");
    body.node("Sub", &["target", "sim"], "distance");
    body.node("Unsqueeze", &["strength", "axes_of_regions_q"], "strength_4d");
    body.node("Mul", &["strength_4d", "distance"], "shift_adaptive");
    body.node("Neg", &["strength_4d"], "strength_negated");
    body.node("Where", &["inside", "strength_negated", "strength_4d"], "shift_constant");
    body.node("Less", &["strength_4d", "zero"], "constant");
    body.node("Where", &["constant", "shift_constant", "shift_adaptive"], "shift");
    body.node("Add", &["sim", "shift"], "sim_modulated");

    // softmax(sim') V, heads merged again.
    body.node(op("Softmax").int("axis", -1), &["sim_modulated"], "weights");
    body.node("MatMul", &["weights", "v"], "attended");
    body.node(op("Transpose").ints("perm", [0, 2, 1, 3]), &["attended"], "attended_last");
    body.node("Reshape", &["attended_last", "merged_shape"], "attended_merged");
    body.node("CastLike", &["attended_merged", "Q"], "output");

    let kind = AttributeType::Float.into();
    let scale = AttributeProto { name: "scale".into(), r#type: kind, f: Some(0.0), ..Default::default() };
    FunctionProto {
        name: OP_NAME.into(),
        domain: DOMAIN.into(),
        input: ["Q", "K", "V", "query_regions", "key_regions", "strength", "modulated"].map(String::from).into(),
        output: vec!["output".into()],
        attribute: vec!["num_heads".into()],
        attribute_proto: vec![scale],
        node: body.nodes,
        doc_string: "sim' = sim + strength * ((inside ? max sim : min sim) - sim); softmax(sim') V; a strength below 0: sim' = sim +- |strength|".into(),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
    }
}

/// The function's nodes, in order.
#[derive(Default)]
struct Body {
    nodes: Vec<NodeProto>,
}

impl Body {
    fn node(&mut self, op: impl Into<Op>, inputs: &[&str], output: &str) {
        let inputs = inputs.iter().map(|&name| name.into()).collect();
        self.nodes.push(op.into().node(inputs, vec![output.into()]));
    }

    /// An input as `[B, N, H, d]` in f32, its axes permuted.
    fn heads(&mut self, input: &str, output: &str, permutation: [i64; 4]) {
        let (float, split) = (format!("{input}_f32"), format!("{input}_split"));
        self.cast(input, &float, DataType::Float);
        self.node("Reshape", &[&float, "split_shape"], &split);
        self.node(op("Transpose").ints("perm", permutation), &[&split], output);
    }

    fn cast(&mut self, input: &str, output: &str, to: DataType) {
        self.node(op("Cast").int("to", to as i64), &[input], output);
    }

    fn constant(&mut self, output: &str, value: Tensor) {
        self.node(op("Constant").tensor("value", &value), &[], output);
    }
}
