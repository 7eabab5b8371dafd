//! One operator with its attributes.

use crate::{AttributeProto, AttributeType, GraphProto, NodeProto, Tensor};

/// An operator, its domain and its attributes: what a node is apart from its name, inputs and outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    pub(crate) domain: String,
    pub(crate) name: String,
    pub(crate) attributes: Vec<AttributeProto>,
}

/// A standard ONNX operator; attributes follow: `op("Transpose").ints("perm", [0, 2, 1])`.
pub fn op(name: &str) -> Op {
    Op { domain: String::new(), name: name.into(), attributes: Vec::new() }
}

impl From<&str> for Op {
    fn from(name: &str) -> Self {
        op(name)
    }
}

impl Op {
    /// The operator of another domain than ONNX's own.
    pub fn domain(mut self, domain: &str) -> Self {
        self.domain = domain.into();
        self
    }

    /// An integer attribute.
    pub fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, AttributeType::Int, |a| a.i = Some(value))
    }

    /// An attribute that is a list of integers.
    pub fn ints(self, name: &str, values: impl IntoIterator<Item = i64>) -> Self {
        self.attribute(name, AttributeType::Ints, |a| a.ints = values.into_iter().collect())
    }

    /// A float attribute.
    pub fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, AttributeType::Float, |a| a.f = Some(value))
    }

    /// A string attribute.
    pub fn string(self, name: &str, value: &str) -> Self {
        self.attribute(name, AttributeType::String, |a| a.s = value.into())
    }

    /// A tensor attribute.
    pub fn tensor(self, name: &str, value: &Tensor) -> Self {
        self.attribute(name, AttributeType::Tensor, |a| a.t = Some(value.named("")))
    }

    /// In a function's body: an attribute of this kind whose value is that of the function's attribute `of`.
    pub fn reference(self, name: &str, kind: AttributeType, of: &str) -> Self {
        self.attribute(name, kind, |a| a.ref_attr_name = of.into())
    }

    /// A branch or loop body.
    pub fn graph(self, name: &str, value: GraphProto) -> Self {
        self.attribute(name, AttributeType::Graph, |a| a.g = Some(value))
    }

    /// The node that makes `output` from `input`, values by their names; it is called as its first output.
    pub fn node(self, input: Vec<String>, output: Vec<String>) -> NodeProto {
        NodeProto {
            name: output.first().cloned().unwrap_or_default(),
            op_type: self.name,
            domain: self.domain,
            attribute: self.attributes,
            input,
            output,
        }
    }

    fn attribute(mut self, name: &str, kind: AttributeType, set: impl FnOnce(&mut AttributeProto)) -> Self {
        let mut attribute = AttributeProto { name: name.into(), r#type: kind.into(), ..Default::default() };
        set(&mut attribute);
        self.attributes.push(attribute);
        self
    }
}
