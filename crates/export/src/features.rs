//! Feature maps, and the sums that they may be.

use std::cell::OnceCell;
use std::rc::Rc;

use onnx::{DataType, Value};

use crate::layers::{BIAS_ADD_WIDTHS, Term, bias_add, from_channels_last, in_shape_of, to_channels_last};
use crate::scope::Scope;

/// A feature map \[B, channels, H, W\].
#[derive(Clone, Debug)]
pub(crate) struct Features {
    content: Content,
    pub channels: usize,
}

#[derive(Clone, Debug)]
enum Content {
    Value(Value),
    Sum(Rc<Sum>),
}

/// x + skip + bias on CUDA, all channels-last. Built at first use, once for all clones: a group norm builds
/// it together with itself, which saves a pass for the bias and one for the sum.
#[derive(Debug)]
pub(crate) struct Sum {
    pub x: Value,
    pub skip: Value,
    pub bias: Value,
    /// A value of its shape.
    like: Option<Value>,
    made: OnceCell<Value>,
}

impl Features {
    pub fn new(value: Value, channels: usize) -> Self {
        Self { content: Content::Value(value), channels }
    }

    /// a + b, in the shape of `like`; only a group norm needs none, and b may then be \[B, C, 1, 1\].
    pub fn sum(s: &Scope, [a, b]: [Term; 2], like: Option<&Normal>, channels: usize) -> Self {
        let (x, skip, bias) = match (a.bias, b.bias) {
            (None, None) => return Self::new(s.op("Add", [&a.value, &b.value]), channels),
            (Some(bias), None) => (a.value, b.value, bias),
            (None, Some(bias)) => (b.value, a.value, bias),
            (Some(of_a), Some(of_b)) => (a.value, b.value, add_constants(s, [of_a, of_b])),
        };
        let [x, skip] = [x, skip].map(|value| to_channels_last(s, &value));
        let like = like.map(|normal| normal.channels_last(s));
        Self { content: Content::Sum(Rc::new(Sum { x, skip, bias, like, made: OnceCell::new() })), channels }
    }

    /// \[B, channels, H, W\]; builds a sum, if it is not built yet.
    pub fn value(&self, s: &Scope) -> Value {
        match &self.content {
            Content::Value(value) => value.clone(),
            Content::Sum(sum) => from_channels_last(s, sum.made.get_or_init(|| sum.make(s, self.channels))),
        }
    }

    /// The sum, if it is not built yet.
    pub fn unmade(&self) -> Option<&Sum> {
        match &self.content {
            Content::Sum(sum) if sum.made.get().is_none() => Some(sum),
            _ => None,
        }
    }
}

/// The output of a group norm.
pub(crate) struct Normal {
    pub value: Value,
    pub is_channels_last: bool,
}

impl Normal {
    /// \[B, C, H, W\].
    pub fn value(&self, s: &Scope) -> Value {
        if self.is_channels_last { from_channels_last(s, &self.value) } else { self.value.clone() }
    }

    /// \[B, H, W, C\].
    pub fn channels_last(&self, s: &Scope) -> Value {
        if self.is_channels_last { self.value.clone() } else { to_channels_last(s, &self.value) }
    }
}

impl Sum {
    /// Sets the value that was built for it, \[B, H, W, C\].
    pub fn set(&self, made: Value) {
        self.made.get_or_init(|| made);
    }

    fn make(&self, s: &Scope, channels: usize) -> Value {
        let Self { x, skip, bias, .. } = self;
        match &self.like {
            Some(like) if BIAS_ADD_WIDTHS.contains(&channels) => {
                in_shape_of(s, &bias_add(s, [x, bias, skip], channels), like)
            }
            _ => s.op("Add", [&s.op("Add", [x, bias]), skip]),
        }
    }
}

/// In f32, since ONNX Runtime folds constants on the CPU, where it cannot add in f16.
fn add_constants(s: &Scope, constants: [Value; 2]) -> Value {
    let [a, b] = constants.map(|value| s.as_type(value, s.dtype(), DataType::Float));
    s.compute(&s.op("Add", [&a, &b]))
}

#[cfg(test)]
mod tests;
