//! What the builder promises of names, constants and branches.

use onnx::{AttributeType, DataType, GraphBuilder, Message, ModelProto, Tensor, Value, dim, op};

#[test]
fn names_read_like_the_path_and_never_repeat() {
    let mut graph = GraphBuilder::new("g");
    let x = graph.input("x", DataType::Float, &[dim("batch"), dim(4)]);
    let first = graph.node("block.0", "Relu", [&x]);
    let second = graph.node("block.0", "Relu", [&first]);
    assert_eq!((first.name(), second.name()), ("block.0/Relu", "block.0/Relu_2"));
}

#[test]
fn equal_constants_are_stored_once_and_others_are_not_confused_with_them() {
    let mut graph = GraphBuilder::new("g");
    let shape = graph.constant(Tensor::i64s([0, -1]));
    assert_eq!(graph.constant(Tensor::i64s([0, -1])), shape);
    assert_ne!(graph.constant(Tensor::i64s([0, 1])), shape);
    assert_ne!(graph.constant(Tensor::raw(DataType::Float, vec![4], vec![0; 16])), shape);
    assert_eq!(graph.finish().initializer.len(), 3);
}

#[test]
fn a_branch_shadows_no_name_and_sees_the_values_outside() {
    let mut graph = GraphBuilder::new("g");
    let x = graph.input("x", DataType::Float, &[dim(1)]);
    let outside = graph.node("path", "Neg", [&x]);
    let branch = graph.branch("then", |inner| vec![inner.node("path", "Neg", [&outside])]);
    assert_eq!(branch.node[0].input, ["path/Neg"]);
    assert_eq!(branch.output[0].name, "path/Neg_2");
    assert_eq!(
        graph.node("path", "Neg", [&x]).name(),
        "path/Neg_3",
        "the branch's names are taken out here too"
    );
}

#[test]
fn a_node_outside_of_a_graph_has_the_name_of_its_output() {
    let value = op("Constant").tensor("value", &Tensor::i64s([3, 4])).node(vec![], vec!["shape".into()]);
    assert_eq!((&*value.name, &*value.op_type), ("shape", "Constant"));
    let tensor = value.attribute[0].t.as_ref().unwrap();
    assert_eq!((&*tensor.dims, tensor.raw_data.len()), (&[2][..], 16));
    let axis = op("Softmax").reference("axis", AttributeType::Int, "along");
    let node = axis.node(vec!["x".into()], vec!["y".into()]);
    assert_eq!((&*node.attribute[0].ref_attr_name, node.attribute[0].i), ("along", None));
}

#[test]
fn a_model_survives_its_own_bytes() {
    let mut graph = GraphBuilder::new("g");
    let x = graph.input("x", DataType::Float, &[dim("batch"), dim(4)]);
    let [a, b] =
        graph.node_with_outputs("cut", op("Split").int("axis", -1).int("num_outputs", 2), [&x], [0, 1]);
    let sum = graph.node("sum", "Add", [&a, &b]);
    let one = graph.constant(Tensor::f32(1.0));
    let clipped = graph.node("clip", "Clip", [&sum, &Value::none(), &one]);
    graph.output("y", &clipped, DataType::Float, &[dim("batch"), dim(2)]);
    let model = onnx::model(graph.finish(), Vec::new());
    assert_eq!(ModelProto::decode(&*model.encode_to_vec()).unwrap(), model);
}
