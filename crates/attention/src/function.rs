//! The operator as a model-local ONNX function: standard operators only, so that a runtime that knows nothing of this
//! project executes an exported model as well. It needs memory for N x M logits, where the kernel does not.

use onnx::{
    AttributeProto, AttributeType, DataType, FunctionProto, NodeProto, OperatorSetIdProto, TensorProto,
};

use crate::{DOMAIN, OP_NAME};

/// Version of the standard operators that the body uses: with 18 came `BitwiseAnd` and axes as an input of the
/// reductions, 21 is what the models of this project import.
const OPSET: i64 = 21;

/// `dense_diffusion::ModulatedAttention` in standard operators of opset 21.
///
/// Inputs, attributes and result are those of the operator, see the [crate's documentation](crate). The element type
/// is that of Q; inside, everything is f32, because logits of f16 inputs can be larger than f16 can hold.
pub fn function() -> FunctionProto {
    let mut body = Body::default();

    // The attributes, as tensors.
    body.constant_ref("num_heads_scalar", "value_int", "num_heads", AttributeType::Int);
    body.constant_ref("scale_given", "value_float", "scale", AttributeType::Float);
    body.ints("axis_0", &[0]);
    body.ints("axes_of_regions_q", &[1, 3]);
    body.ints("axes_of_regions_k", &[1, 2]);
    body.ints("axis_keys", &[-1]);
    body.ints("copy_two", &[0, 0]);
    body.ints("rest", &[-1]);
    body.ints("merged_shape", &[0, 0, -1]);
    body.node("Unsqueeze", &["num_heads_scalar", "axis_0"], "num_heads_1d", &[]);
    body.node("Concat", &["copy_two", "num_heads_1d", "rest"], "split_shape", &[int("axis", 0)]);

    // [B, N, H*d] -> [B, H, N, d]; K directly transposed for the product.
    body.heads("Q", "q", [0, 2, 1, 3]);
    body.heads("K", "k_transposed", [0, 2, 3, 1]);
    body.heads("V", "v", [0, 2, 1, 3]);

    // scale, or 1 / sqrt(d) where it is 0.
    body.node("Shape", &["q"], "head_size_int", &[int("start", 3)]);
    body.cast("head_size_int", "head_size", DataType::Float);
    body.node("Sqrt", &["head_size"], "head_size_root", &[]);
    body.node("Reciprocal", &["head_size_root"], "scale_default", &[]);
    body.floats("zero", &[0.0]);
    body.node("Equal", &["scale_given", "zero"], "scale_absent", &[]);
    body.node("Where", &["scale_absent", "scale_default", "scale_given"], "scale_used", &[]);

    // sim = scale * Q K^T, with its extremes over the keys.
    body.node("Mul", &["q", "scale_used"], "q_scaled", &[]);
    body.node("MatMul", &["q_scaled", "k_transposed"], "sim", &[]);
    body.node("ReduceMax", &["sim", "axis_keys"], "sim_max", &[int("keepdims", 1)]);
    body.node("ReduceMin", &["sim", "axis_keys"], "sim_min", &[int("keepdims", 1)]);

    // inside = query_regions & key_regions != 0, [B|1, 1, N, M].
    body.node("Unsqueeze", &["query_regions", "axes_of_regions_q"], "regions_q", &[]);
    body.node("Unsqueeze", &["key_regions", "axes_of_regions_k"], "regions_k", &[]);
    body.node("BitwiseAnd", &["regions_q", "regions_k"], "shared_regions", &[]);
    body.cast("shared_regions", "inside", DataType::Bool);

    // sim' = sim + strength * (target - sim), or sim ± |strength| where the strength is negative
    body.node("Where", &["inside", "sim_max", "sim_min"], "target", &[]);
    body.node("Sub", &["target", "sim"], "distance", &[]);
    body.node("Unsqueeze", &["strength", "axes_of_regions_q"], "strength_4d", &[]);
    body.node("Mul", &["strength_4d", "distance"], "shift_adaptive", &[]);
    body.node("Neg", &["strength_4d"], "strength_negated", &[]);
    body.node("Where", &["inside", "strength_negated", "strength_4d"], "shift_constant", &[]);
    body.node("Less", &["strength_4d", "zero"], "constant", &[]);
    body.node("Where", &["constant", "shift_constant", "shift_adaptive"], "shift", &[]);
    body.node("Add", &["sim", "shift"], "sim_modulated", &[]);

    // softmax(sim') V, heads merged again.
    body.node("Softmax", &["sim_modulated"], "weights", &[int("axis", -1)]);
    body.node("MatMul", &["weights", "v"], "attended", &[]);
    body.node("Transpose", &["attended"], "attended_last", &[ints("perm", &[0, 2, 1, 3])]);
    body.node("Reshape", &["attended_last", "merged_shape"], "attended_merged", &[]);
    body.node("CastLike", &["attended_merged", "Q"], "output", &[]);

    FunctionProto {
        name: OP_NAME.into(),
        domain: DOMAIN.into(),
        input: ["Q", "K", "V", "query_regions", "key_regions", "strength"].map(String::from).into(),
        output: vec!["output".into()],
        attribute: vec!["num_heads".into()],
        attribute_proto: vec![AttributeProto { f: Some(0.0), ..attribute("scale", AttributeType::Float) }],
        node: body.nodes,
        doc_string: "sim' = sim + strength * ((inside ? max sim : min sim) - sim); softmax(sim') V; a strength below 0: sim' = sim +- |strength|".into(),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
    }
}

/// The function's nodes as they are written down.
#[derive(Default)]
struct Body {
    nodes: Vec<NodeProto>,
}

impl Body {
    fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[AttributeProto]) {
        self.nodes.push(NodeProto {
            name: output.into(),
            op_type: op.into(),
            input: inputs.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            attribute: attributes.to_vec(),
            domain: String::new(),
        });
    }

    /// An input as `[B, N, H, d]` in f32, its axes permuted.
    fn heads(&mut self, input: &str, output: &str, permutation: [i64; 4]) {
        let (float, split) = (format!("{input}_f32"), format!("{input}_split"));
        self.cast(input, &float, DataType::Float);
        self.node("Reshape", &[&float, "split_shape"], &split, &[]);
        self.node("Transpose", &[&split], output, &[ints("perm", &permutation)]);
    }

    fn cast(&mut self, input: &str, output: &str, to: DataType) {
        self.node("Cast", &[input], output, &[int("to", to as i64)]);
    }

    /// A constant that takes its value from one of the function's attributes.
    fn constant_ref(&mut self, output: &str, name: &str, reference: &str, kind: AttributeType) {
        let value = AttributeProto { ref_attr_name: reference.into(), ..attribute(name, kind) };
        self.node("Constant", &[], output, &[value]);
    }

    fn ints(&mut self, output: &str, values: &[i64]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(output, DataType::Int64, values.len(), bytes);
    }

    fn floats(&mut self, output: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(output, DataType::Float, values.len(), bytes);
    }

    fn constant(&mut self, output: &str, data_type: DataType, len: usize, raw_data: Vec<u8>) {
        let tensor = TensorProto {
            dims: vec![len as i64],
            data_type: data_type as i32,
            raw_data,
            ..Default::default()
        };
        let value = AttributeProto { t: Some(tensor), ..attribute("value", AttributeType::Tensor) };
        self.node("Constant", &[], output, &[value]);
    }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: kind as i32, ..Default::default() }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, AttributeType::Int) }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::Ints) }
}
