//! A module of the model: the source of nodes' names and weights' keys.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Div;

use onnx::{
    DataLocation, DataType, Dim, FunctionProto, GraphBuilder, GraphProto, Op, StringStringEntryProto, Tensor,
    TensorProto, Value, op,
};

use crate::error::Result;
use crate::weights::{self, Delta, Tensors};
use crate::{ExportedModel, Precision, Target, Weight};

/// A graph under construction and the tensors it uses.
pub(crate) struct Builder<'t> {
    graph: RefCell<GraphBuilder>,
    tensors: &'t Tensors,
    weights: RefCell<Vec<Weight>>,
    initializers: RefCell<HashMap<String, Value>>,
    target: Target,
}

impl<'t> Builder<'t> {
    pub fn new(name: &str, tensors: &'t Tensors, target: impl Into<Target>) -> Self {
        Self {
            graph: RefCell::new(GraphBuilder::new(name)),
            tensors,
            weights: RefCell::default(),
            initializers: RefCell::default(),
            target: target.into(),
        }
    }

    /// The root module, whose weights have keys without a prefix.
    pub fn root(&self) -> Scope<'_> {
        Scope { builder: self, path: String::new() }
    }

    /// What the graph is built for.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Declares an input.
    pub fn input<const N: usize>(&self, name: &str, dtype: DataType, dims: [Dim; N]) -> Value {
        self.graph.borrow_mut().input(name, dtype, &dims)
    }

    /// Declares `value`, in the graph's precision, as an f32 output.
    pub fn output<const N: usize>(&self, name: &str, value: &Value, dims: [Dim; N]) {
        let s = self.root();
        let value = s.as_type(value.clone(), s.dtype(), DataType::Float);
        self.graph.borrow_mut().output(name, &value, DataType::Float, &dims);
    }

    /// The finished model.
    pub fn finish(self, functions: Vec<FunctionProto>) -> ExportedModel {
        let model = onnx::model(self.graph.into_inner().finish(), functions);
        ExportedModel { model, weights: self.weights.into_inner() }
    }
}

/// A module of the model. `&scope / "attn1" / "to_q"` is a module within; the path is the prefix of its weights' keys
/// and of its nodes' names.
#[derive(Clone)]
pub(crate) struct Scope<'b> {
    builder: &'b Builder<'b>,
    path: String,
}

impl<'b, T: Display> Div<T> for &Scope<'b> {
    type Output = Scope<'b>;

    fn div(self, name: T) -> Scope<'b> {
        Scope { builder: self.builder, path: join(&self.path, name) }
    }
}

impl<'b, T: Display> Div<T> for Scope<'b> {
    type Output = Self;

    fn div(self, name: T) -> Self {
        &self / name
    }
}

fn join(path: &str, name: impl Display) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

impl Scope<'_> {
    /// Adds a node.
    pub fn op<const N: usize>(&self, op: impl Into<Op>, inputs: [&Value; N]) -> Value {
        self.builder.graph.borrow_mut().node(&self.path, op, inputs)
    }

    /// Adds a node and returns several of its outputs, by number.
    pub fn op_with_outputs<const N: usize, const M: usize>(
        &self,
        op: impl Into<Op>,
        inputs: [&Value; N],
        wanted: [usize; M],
    ) -> [Value; M] {
        self.builder.graph.borrow_mut().node_with_outputs(&self.path, op, inputs, wanted)
    }

    /// Splits a tensor in two halves along its last axis.
    pub fn halves(&self, x: &Value) -> [Value; 2] {
        self.op_with_outputs(op("Split").int("axis", -1).int("num_outputs", 2), [x], [0, 1])
    }

    /// A branch of an `If`, consisting of one node.
    pub fn branch<const N: usize>(&self, name: &str, op: Op, inputs: [&Value; N]) -> GraphProto {
        let path = format!("{}/{name}", self.path);
        self.builder.graph.borrow_mut().branch(name, |graph| vec![graph.node(&path, op, inputs)])
    }

    /// A tensor inside the graph.
    pub fn constant(&self, tensor: Tensor) -> Value {
        self.builder.graph.borrow_mut().constant(tensor)
    }

    /// A vector of integers, such as `Reshape` takes.
    pub fn ints<const N: usize>(&self, values: [i64; N]) -> Value {
        self.constant(Tensor::i64s(values))
    }

    /// `count` equal numbers in the precision of the graph.
    pub fn numbers(&self, value: f32, count: usize) -> Value {
        self.constant(match self.builder.target.precision {
            Precision::F32 => Tensor::f32s(vec![value; count]),
            Precision::F16 => {
                let bytes = half::f16::from_f32(value).to_le_bytes().repeat(count);
                Tensor::raw(DataType::Float16, vec![count as i64], bytes)
            }
        })
    }

    /// The element type that the graph computes in.
    pub fn dtype(&self) -> DataType {
        self.builder.target.precision.dtype()
    }

    /// Whether the graph is only for ONNX Runtime's CUDA provider.
    pub fn for_cuda(&self) -> bool {
        self.builder.target.cuda
    }

    /// Converts to another element type.
    pub fn cast(&self, x: &Value, to: DataType) -> Value {
        self.op(op("Cast").int("to", i64::from(i32::from(to))), [x])
    }

    /// Converts an f32 value to the precision of the graph.
    pub fn compute(&self, x: &Value) -> Value {
        self.as_type(x.clone(), DataType::Float, self.dtype())
    }

    /// Reshapes a tensor; 0 keeps a dimension, -1 is inferred.
    pub fn reshape(&self, x: &Value, shape: impl IntoIterator<Item = i64>) -> Value {
        self.op("Reshape", [x, &self.constant(Tensor::i64s(shape))])
    }

    /// Whether the checkpoint has this module's weight `name`.
    pub fn has(&self, name: &str) -> bool {
        self.builder.tensors.contains(&join(&self.path, name))
    }

    /// This module's weight `name` of shape `shape`, in the precision of the graph.
    pub fn weight<const N: usize>(&self, name: &str, shape: [usize; N]) -> Result<Value> {
        self.weight_as(name, shape, shape)
    }

    /// As [`Scope::weight`], reshaped to `dims`.
    pub fn weight_as<const N: usize, const M: usize>(
        &self,
        name: &str,
        shape: [usize; N],
        dims: [usize; M],
    ) -> Result<Value> {
        self.converted(self.dtype(), name, &shape, &dims)
    }

    /// As [`Scope::weight`], in the element type `to`.
    pub fn weight_in<const N: usize>(&self, to: DataType, name: &str, shape: [usize; N]) -> Result<Value> {
        self.converted(to, name, &shape, &shape)
    }

    fn converted(&self, to: DataType, name: &str, shape: &[usize], dims: &[usize]) -> Result<Value> {
        let s = self / name;
        let deltas = self.builder.tensors.deltas(&s.path);
        if deltas.is_empty() {
            let (value, dtype) = self.stored_weight(name, shape, dims)?;
            return Ok(s.as_type(value, dtype, to));
        }
        let matrix = weights::matrix(shape);
        let (value, dtype) = self.stored_weight(name, shape, &matrix)?;
        let value = deltas
            .iter()
            .fold(s.as_type(value, dtype, DataType::Float), |value, delta| s.changed(&value, delta));
        let value = s.as_type(value, DataType::Float, to);
        match dims == matrix {
            true => Ok(value),
            false => Ok(s.reshape(&value, dims.iter().map(|&side| side as i64))),
        }
    }

    /// Applies a LoRA to a weight, as a matrix in f32. ONNX Runtime folds this, on the CPU wherever the graph
    /// runs, and keeps all intermediates until everything is folded: so it is one operator.
    fn changed(&self, value: &Value, delta: &Delta) -> Value {
        let factor = |weight: &Weight| self.as_type(self.initializer(weight), weight.dtype, DataType::Float);
        let (up, down) = (factor(&delta.up), factor(&delta.down));
        let sum = op("Gemm").float("alpha", delta.scale);
        match delta.transposed {
            false => self.op(sum, [&up, &down, value]),
            true => self.op(sum.int("transA", 1).int("transB", 1), [&down, &up, value]),
        }
    }

    /// Converts a value of the type `from`, unless that is `to`.
    pub fn as_type(&self, value: Value, from: DataType, to: DataType) -> Value {
        if from == to { value } else { self.cast(&value, to) }
    }

    /// This module's weight `name` as stored, and its element type.
    pub fn stored_weight(&self, name: &str, shape: &[usize], dims: &[usize]) -> Result<(Value, DataType)> {
        let weight = self.builder.tensors.get(&join(&self.path, name), shape, dims)?;
        Ok((self.initializer(&weight), weight.dtype))
    }

    /// The initializer of a tensor, added to the graph once.
    fn initializer(&self, weight: &Weight) -> Value {
        let mut initializers = self.builder.initializers.borrow_mut();
        if let Some(value) = initializers.get(&weight.key) {
            return value.clone();
        }
        let value = self.builder.graph.borrow_mut().initializer(external(weight));
        initializers.insert(weight.key.clone(), value.clone());
        self.builder.weights.borrow_mut().push(weight.clone());
        value
    }
}

/// An initializer whose data is in the weight file.
fn external(weight: &Weight) -> TensorProto {
    let entry = |key: &str, value: String| StringStringEntryProto { key: key.into(), value };
    TensorProto {
        name: weight.key.clone(),
        dims: weight.dims.clone(),
        data_type: weight.dtype.into(),
        data_location: DataLocation::External.into(),
        external_data: vec![
            entry("location", weight.file().name().into()),
            entry("offset", weight.offset().to_string()),
            entry("length", weight.bytes().len().to_string()),
        ],
        ..Default::default()
    }
}
