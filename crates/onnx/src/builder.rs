//! The builder of graphs.

use std::collections::{HashMap, HashSet};

use crate::tensor::value_info;
use crate::{DataType, Dim, GraphProto, Op, Tensor, TensorProto, ValueInfoProto};

/// The name of a value: of an input, an initializer or a node's output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value(String);

impl Value {
    /// An optional input that is left out.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// The name in the graph.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Collects the nodes of one graph, in the order of their calls, and gives each a name of its own.
///
/// A node's name is its path and operator, `mid_block.attentions.0.proj_in/Gemm`; so is its output's.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: GraphProto,
    taken: HashSet<String>,
    constants: HashMap<Tensor, Value>,
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        Self {
            graph: GraphProto { name: name.into(), ..Default::default() },
            taken: HashSet::new(),
            constants: HashMap::new(),
        }
    }

    /// Declares an input; named dimensions are known at run time.
    pub fn input(&mut self, name: &str, dtype: DataType, dims: &[Dim]) -> Value {
        let name = self.unique(name.into());
        self.graph.input.push(value_info(&name, dtype, dims));
        Value(name)
    }

    /// Declares `value` as the output `name`.
    pub fn output(&mut self, name: &str, value: &Value, dtype: DataType, dims: &[Dim]) {
        let name = self.unique(name.into());
        self.push("Identity".into(), [value], vec![name.clone()]);
        self.graph.output.push(value_info(&name, dtype, dims));
    }

    /// Adds a node with one output. `path` says where in the model it stands, as a checkpoint key would.
    pub fn node<'v>(
        &mut self,
        path: &str,
        op: impl Into<Op>,
        inputs: impl IntoIterator<Item = &'v Value>,
    ) -> Value {
        let op = op.into();
        let output =
            self.unique(if path.is_empty() { op.name.clone() } else { format!("{path}/{}", op.name) });
        self.push(op, inputs, vec![output.clone()]);
        Value(output)
    }

    /// Adds a node and returns its outputs of the numbers `wanted`; others are left out.
    pub fn node_with_outputs<'v, const N: usize>(
        &mut self,
        path: &str,
        op: impl Into<Op>,
        inputs: impl IntoIterator<Item = &'v Value>,
        wanted: [usize; N],
    ) -> [Value; N] {
        let op = op.into();
        let mut outputs = vec![String::new(); wanted.into_iter().max().map_or(0, |last| last + 1)];
        let values = wanted.map(|n| {
            outputs[n] = self.unique(format!("{path}/{}.{n}", op.name));
            Value(outputs[n].clone())
        });
        self.push(op, inputs, outputs);
        values
    }

    /// A constant; equal ones are stored once.
    pub fn constant(&mut self, tensor: Tensor) -> Value {
        if let Some(value) = self.constants.get(&tensor) {
            return value.clone();
        }
        let name = self.unique("constant".into());
        self.graph.initializer.push(tensor.named(&name));
        self.constants.insert(tensor, Value(name.clone()));
        Value(name)
    }

    /// Adds an initializer, with its data inside or outside of the file, under its own name.
    pub fn initializer(&mut self, tensor: TensorProto) -> Value {
        let name = self.unique(tensor.name.clone());
        self.graph.initializer.push(TensorProto { name: name.clone(), ..tensor });
        Value(name)
    }

    /// A branch for `If`: it sees the values of this graph, and no name in it shadows one out here.
    pub fn branch(&mut self, name: &str, build: impl FnOnce(&mut Self) -> Vec<Value>) -> GraphProto {
        let mut inner = Self::new(name);
        inner.taken = std::mem::take(&mut self.taken);
        let outputs = build(&mut inner);
        inner.graph.output =
            outputs.into_iter().map(|value| ValueInfoProto { name: value.0, r#type: None }).collect();
        self.taken = inner.taken;
        inner.graph
    }

    /// The finished graph.
    pub fn finish(self) -> GraphProto {
        self.graph
    }

    fn push<'v>(&mut self, op: Op, inputs: impl IntoIterator<Item = &'v Value>, output: Vec<String>) {
        self.graph.node.push(op.node(inputs.into_iter().map(|v| v.0.clone()).collect(), output));
    }

    fn unique(&mut self, wanted: String) -> String {
        let name = match self.taken.contains(&wanted) {
            false => wanted,
            true => (2..)
                .map(|n| format!("{wanted}_{n}"))
                .find(|name| !self.taken.contains(name))
                .unwrap_or(wanted),
        };
        self.taken.insert(name.clone());
        name
    }
}
