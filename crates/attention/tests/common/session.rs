//! A model of one `ModulatedAttention` node, and a problem run through it.

use std::fmt::Debug;

use attention::{DOMAIN, DOMAIN_VERSION, Element, OP_NAME, runtime};
use onnx::{
    AttributeProto, AttributeType, DataType, Dim, DimensionProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use ort::session::{Session, SessionInputs};
use ort::value::Tensor;
use prost::Message;

use super::problem::Problem;

/// The operator's inputs by name.
pub const INPUTS: [&str; 7] = ["Q", "K", "V", "query_regions", "key_regions", "strength", "modulated"];

/// How ONNX Runtime computes the operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// The model-local function, without our kernel.
    Function,
    /// Our kernel; the model carries no function.
    Kernel,
    /// Our kernel; the model carries the function as well.
    Both,
}

/// A serialised model of one node. `scale` None leaves the attribute away.
pub fn model(element: DataType, form: Form, num_heads: i64, scale: Option<f32>) -> Vec<u8> {
    let mut attribute = vec![AttributeProto {
        name: "num_heads".into(),
        r#type: AttributeType::Int as i32,
        i: Some(num_heads),
        ..Default::default()
    }];
    attribute.extend(scale.map(|scale| AttributeProto {
        name: "scale".into(),
        r#type: AttributeType::Float as i32,
        f: Some(scale),
        ..Default::default()
    }));
    let node = NodeProto {
        name: "attention".into(),
        op_type: OP_NAME.into(),
        domain: DOMAIN.into(),
        input: INPUTS.map(String::from).into(),
        output: vec!["output".into()],
        attribute,
    };
    let types =
        [element, element, element, DataType::Int32, DataType::Int32, DataType::Float, DataType::Bool];
    let of_keys: &[&str] = &["B", "M", "W"];
    let dimensions: [&[&str]; 7] =
        [&["B", "N", "W"], of_keys, of_keys, &["BQ", "N"], &["BK", "M"], &["B", "N"], &["modulated"]];
    let input = INPUTS.iter().zip(types).zip(dimensions);
    let graph = GraphProto {
        name: "modulated_attention".into(),
        node: vec![node],
        input: input.map(|((name, element), dims)| value_info(name, element, dims)).collect(),
        output: vec![value_info("output", element, dimensions[0])],
        ..Default::default()
    };
    let import = |domain: &str, version| OperatorSetIdProto { domain: domain.into(), version };
    ModelProto {
        ir_version: 10,
        graph: Some(graph),
        opset_import: vec![import("", 21), import(DOMAIN, DOMAIN_VERSION)],
        functions: if form == Form::Kernel { Vec::new() } else { vec![attention::function()] },
        ..Default::default()
    }
    .encode_to_vec()
}

/// The same node as ONNX Runtime's MultiHeadAttention; the modulation's inputs stay unused.
pub fn multi_head(model: &[u8]) -> ModelProto {
    let mut model = ModelProto::decode(model).expect("a model");
    let node = &mut model.graph.as_mut().expect("a graph").node[0];
    (node.op_type, node.domain) = ("MultiHeadAttention".into(), "com.microsoft".into());
    node.input.truncate(3);
    node.attribute.retain(|attribute| attribute.name == "num_heads");
    model.opset_import[1].domain = "com.microsoft".into();
    model
}

fn value_info(name: &str, element: DataType, dims: &[&str]) -> ValueInfoProto {
    let dim = |name: &&str| DimensionProto { value: Some(Dim::Param((*name).into())) };
    let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor_type = Some(TensorTypeProto { elem_type: element as i32, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

/// The ONNX element type.
pub fn data_type<T: Element>() -> DataType {
    match super::name_of::<T>() {
        "f32" => DataType::Float,
        "f16" => DataType::Float16,
        _ => DataType::Bfloat16,
    }
}

/// A session of a model, with or without our kernel.
pub fn session(model: &[u8], form: Form) -> ort::Result<Session> {
    let environment = runtime::environment().expect("ONNX Runtime");
    let mut builder = Session::builder(&environment)?.with_intra_threads(2)?;
    if form != Form::Function {
        builder = builder.with_operators(attention::operator_domain()?)?;
    }
    builder.commit_from_memory(model)
}

/// A problem's inputs, whatever their shapes.
pub fn tensors<T: Element + Debug>(problem: &Problem<T>) -> ort::Result<SessionInputs<'static, 'static>> {
    let [query, key, value, query_regions, key_regions, strength] = problem.shapes.clone();
    // None where no row is modulated.
    let modulated = vec![true; usize::from(problem.strength.iter().any(|strength| *strength != 0.0))];
    Ok(ort::inputs![
        "Q" => Tensor::from_array((query, problem.query.clone()))?,
        "K" => Tensor::from_array((key, problem.key.clone()))?,
        "V" => Tensor::from_array((value, problem.value.clone()))?,
        "query_regions" => Tensor::from_array((query_regions, problem.query_regions.clone()))?,
        "key_regions" => Tensor::from_array((key_regions, problem.key_regions.clone()))?,
        "strength" => Tensor::from_array((strength, problem.strength.clone()))?,
        "modulated" => Tensor::from_array(([modulated.len()], modulated))?,
    ]
    .into())
}

/// Runs inputs and returns the result.
pub fn run<T: Element + Debug>(session: &mut Session, inputs: SessionInputs<'_, '_>) -> ort::Result<Vec<T>> {
    let outputs = session.run(inputs)?;
    Ok(outputs["output"].try_extract_tensor::<T>()?.1.to_vec())
}

/// Runs a problem, whatever its shapes, and returns the result.
pub fn solve<T: Element + Debug>(session: &mut Session, problem: &Problem<T>) -> ort::Result<Vec<T>> {
    run(session, tensors(problem)?)
}
