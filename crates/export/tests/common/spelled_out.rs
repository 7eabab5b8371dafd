//! Graphs for the CUDA provider on the CPU: its operators spelled out in others, by their documentation alone.

use export::ExportedModel;
use onnx::{AttributeProto, AttributeType, MICROSOFT, Message, NodeProto};
use ort::session::Session;

/// A session on the CPU of a graph for the CUDA provider, and how many operators of that provider stand in it.
pub fn session(model: &ExportedModel) -> (Session, usize) {
    let (folder, mut model) = model.with_weights_in_place().unwrap();
    let graph = model.graph.as_mut().unwrap();
    let mut count = 0;
    graph.node = std::mem::take(&mut graph.node)
        .into_iter()
        .flat_map(|node| match node.op_type.as_str() {
            _ if node.domain != MICROSOFT => vec![node],
            "GroupNorm" => (count += 1, group_norm(&node)).1,
            "SkipGroupNorm" => (count += 1, skip_group_norm(&node)).1,
            "BiasAdd" => (count += 1, bias_add(&node)).1,
            "BiasSplitGelu" => (count += 1, bias_split_gelu(&node)).1,
            _ => vec![node],
        })
        .collect();
    let session = super::builder()
        .with_config_entry("session.model_external_initializers_file_folder_path", folder.to_string_lossy())
        .unwrap()
        .commit_from_memory(&model.encode_to_vec())
        .unwrap();
    (session, count)
}

/// The nodes that stand in for one.
struct Nodes {
    name: String,
    nodes: Vec<NodeProto>,
}

impl Nodes {
    /// For the node that makes `name`.
    fn new(name: &str) -> Self {
        Self { name: name.into(), nodes: Vec::new() }
    }

    /// Adds a node and names its only output, or the first of two.
    fn add(&mut self, op: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        let output = format!("{}/{}", self.name, self.nodes.len());
        let second = (op == "Split").then(|| second(&output));
        self.nodes.push(NodeProto {
            op_type: op.into(),
            input: inputs.iter().map(|&input| input.into()).collect(),
            output: [output.clone()].into_iter().chain(second).collect(),
            attribute: attributes,
            ..NodeProto::default()
        });
        output
    }

    /// All of them; the last makes what the node made.
    fn finish(mut self) -> Vec<NodeProto> {
        self.nodes.last_mut().unwrap().output = vec![self.name];
        self.nodes
    }
}

/// `com.microsoft.BiasAdd`: "Add input with bias, then add residual inputs", all of \[N, S, C\].
fn bias_add(node: &NodeProto) -> Vec<NodeProto> {
    let [x, bias, skip] = &node.input[..] else { panic!("{:?}", node.input) };
    let mut nodes = Nodes::new(&node.output[0]);
    let shifted = nodes.add("Add", &[x, bias], vec![]);
    nodes.add("Add", &[&shifted, skip], vec![]);
    nodes.finish()
}

fn second(output: &str) -> String {
    format!("{output}/second")
}

/// `com.microsoft.BiasSplitGelu`: "A fusion used in diffusion model that after adding bias, hidden state is sliced into two
/// tensors of same size, then left tensor multiplies the Gelu activation result of right tensor."
fn bias_split_gelu(node: &NodeProto) -> Vec<NodeProto> {
    let [x, bias] = &node.input[..] else { panic!("{:?}", node.input) };
    let mut nodes = Nodes::new(&node.output[0]);
    let shifted = nodes.add("Add", &[x, bias], vec![]);
    let left = nodes.add("Split", &[&shifted], vec![int("axis", 2), int("num_outputs", 2)]);
    let right = nodes.add("Gelu", &[&second(&left)], vec![]);
    nodes.add("Mul", &[&left, &right], vec![]);
    nodes.finish()
}

/// `com.microsoft.GroupNorm`: "Applies Group Normalization over a mini-batch of inputs as described in the paper Group
/// Normalization (https://arxiv.org/abs/1803.08494)", `channels_last` [N, H, W, C], `activation` 0 none, 1 SiLU.
fn group_norm(node: &NodeProto) -> Vec<NodeProto> {
    let [x, weight, bias] = &node.input[..] else { panic!("{:?}", node.input) };
    let mut nodes = Nodes::new(&node.output[0]);
    normalise(&mut nodes, node, x, [weight, bias]);
    nodes.finish()
}

/// `com.microsoft.SkipGroupNorm`: "This operator element-wise adds x, skip and bias, then apply group normalization and optional
/// activation." The skip is [N, H, W, C] or [N, 1, 1, C], where N is that of x.
fn skip_group_norm(node: &NodeProto) -> Vec<NodeProto> {
    let [x, weight, bias, skip, shift] = &node.input[..] else { panic!("{:?}", node.input) };
    let [normal, sum] = &node.output[..] else { panic!("{:?}", node.output) };
    let mut nodes = Nodes::new(sum);
    let shape = nodes.add("Shape", &[x], vec![]);
    let [batch, channels] = [(0, 1), (3, 4)]
        .map(|(start, end)| nodes.add("Shape", &[x], vec![int("start", start), int("end", end)]));
    let any = nodes.add("Constant", &[], vec![ints("value_ints", &[-1])]);
    let rows = nodes.add("Concat", &[&batch, &any, &channels], vec![int("axis", 0)]);
    let [x, skip] = [x, skip].map(|value| nodes.add("Reshape", &[value, &rows], vec![]));
    let shifted = nodes.add("Add", &[&x, shift], vec![]);
    let added = nodes.add("Add", &[&shifted, &skip], vec![]);
    nodes.add("Reshape", &[&added, &shape], vec![]);
    let adding = nodes.finish();
    let mut nodes = Nodes::new(normal);
    normalise(&mut nodes, node, sum, [weight, bias]);
    [adding, nodes.finish()].concat()
}

fn normalise(nodes: &mut Nodes, node: &NodeProto, x: &str, [weight, bias]: [&str; 2]) {
    let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name).unwrap();
    let integer = |name: &str| attribute(name).i.unwrap();
    assert_eq!(integer("channels_last"), 1);
    let (groups, silu) = (integer("groups"), integer("activation") == 1);
    let first = nodes.add("Transpose", &[x], vec![ints("perm", &[0, 3, 1, 2])]);
    let shape = nodes.add("Shape", &[&first], vec![]);
    let grouped = nodes.add("Constant", &[], vec![ints("value_ints", &[0, groups, -1])]);
    let rows = nodes.add("Reshape", &[&first, &grouped], vec![]);
    let mut constant =
        |value: f32| nodes.add("Constant", &[], vec![floats("value_floats", &vec![value; groups as usize])]);
    let (one, zero) = (constant(1.0), constant(0.0));
    let normal =
        nodes.add("InstanceNormalization", &[&rows, &one, &zero], vec![attribute("epsilon").clone()]);
    let restored = nodes.add("Reshape", &[&normal, &shape], vec![]);
    let last = nodes.add("Transpose", &[&restored], vec![ints("perm", &[0, 2, 3, 1])]);
    let scaled = nodes.add("Mul", &[&last, weight], vec![]);
    let shifted = nodes.add("Add", &[&scaled, bias], vec![]);
    if silu {
        let gate = nodes.add("Sigmoid", &[&shifted], vec![]);
        nodes.add("Mul", &[&shifted, &gate], vec![]);
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    let (name, i) = (name.into(), Some(value));
    AttributeProto { name, r#type: AttributeType::Int.into(), i, ..AttributeProto::default() }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let (name, ints) = (name.into(), values.to_vec());
    AttributeProto { name, r#type: AttributeType::Ints.into(), ints, ..AttributeProto::default() }
}

fn floats(name: &str, values: &[f32]) -> AttributeProto {
    let (name, floats) = (name.into(), values.to_vec());
    AttributeProto { name, r#type: AttributeType::Floats.into(), floats, ..AttributeProto::default() }
}
