//! Graphs for the CUDA provider on the CPU: its operators spelled out in others, by their documentation alone.

use export::ExportedModel;
use onnx::{AttributeProto, AttributeType, MICROSOFT, Message, NodeProto};
use ort::session::Session;

/// A session on the CPU of a graph for the CUDA provider, and how many operators of that provider stand in it.
pub fn session(model: &ExportedModel) -> (Session, usize) {
    let (folder, mut model) = model.with_weights_in_place().unwrap();
    let graph = model.graph.as_mut().unwrap();
    let is_norm = |node: &NodeProto| node.op_type == "GroupNorm" && node.domain == MICROSOFT;
    let count = graph.node.iter().filter(|node| is_norm(node)).count();
    graph.node = std::mem::take(&mut graph.node)
        .into_iter()
        .flat_map(|node| if is_norm(&node) { group_norm(&node) } else { vec![node] })
        .collect();
    let session = super::builder()
        .with_config_entry("session.model_external_initializers_file_folder_path", folder.to_string_lossy())
        .unwrap()
        .commit_from_memory(&model.encode_to_vec())
        .unwrap();
    (session, count)
}

/// `com.microsoft.GroupNorm`: "Applies Group Normalization over a mini-batch of inputs as described in the paper Group
/// Normalization (https://arxiv.org/abs/1803.08494)", `channels_last` [N, H, W, C], `activation` 0 none, 1 SiLU.
fn group_norm(node: &NodeProto) -> Vec<NodeProto> {
    let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name).unwrap();
    let integer = |name: &str| attribute(name).i.unwrap();
    assert_eq!(integer("channels_last"), 1);
    let (groups, silu) = (integer("groups"), integer("activation") == 1);
    let [x, weight, bias] = &node.input[..] else { panic!("{:?}", node.input) };
    let out = &node.output[0];
    let name = |part: &str| format!("{out}/{part}");
    let mut nodes = Vec::new();
    let mut add = |op: &str, inputs: &[&str], output: &str, attributes: Vec<AttributeProto>| {
        nodes.push(NodeProto {
            op_type: op.into(),
            input: inputs.iter().map(|&input| input.into()).collect(),
            output: vec![output.into()],
            attribute: attributes,
            ..NodeProto::default()
        });
        output.to_owned()
    };
    let first = add("Transpose", &[x], &name("first"), vec![ints("perm", &[0, 3, 1, 2])]);
    let shape = add("Shape", &[&first], &name("shape"), vec![]);
    let grouped = add("Constant", &[], &name("grouped"), vec![ints("value_ints", &[0, groups, -1])]);
    let rows = add("Reshape", &[&first, &grouped], &name("rows"), vec![]);
    let constant = |value: f32| floats("value_floats", &vec![value; groups as usize]);
    let one = add("Constant", &[], &name("one"), vec![constant(1.0)]);
    let zero = add("Constant", &[], &name("zero"), vec![constant(0.0)]);
    let epsilon = attribute("epsilon").clone();
    let normal = add("InstanceNormalization", &[&rows, &one, &zero], &name("normal"), vec![epsilon]);
    let restored = add("Reshape", &[&normal, &shape], &name("restored"), vec![]);
    let last = add("Transpose", &[&restored], &name("last"), vec![ints("perm", &[0, 2, 3, 1])]);
    let scaled = add("Mul", &[&last, weight], &name("scaled"), vec![]);
    if silu {
        let shifted = add("Add", &[&scaled, bias], &name("shifted"), vec![]);
        let gate = add("Sigmoid", &[&shifted], &name("gate"), vec![]);
        add("Mul", &[&shifted, &gate], out, vec![]);
    } else {
        add("Add", &[&scaled, bias], out, vec![]);
    }
    nodes
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let (name, ints) = (name.into(), values.to_vec());
    AttributeProto { name, r#type: AttributeType::Ints.into(), ints, ..AttributeProto::default() }
}

fn floats(name: &str, values: &[f32]) -> AttributeProto {
    let (name, floats) = (name.into(), values.to_vec());
    AttributeProto { name, r#type: AttributeType::Floats.into(), floats, ..AttributeProto::default() }
}
