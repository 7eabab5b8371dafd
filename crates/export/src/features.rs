//! Feature maps, and the sums that they are.

use std::cell::OnceCell;
use std::rc::Rc;

use onnx::{DataType, Value};

use crate::group_norm::Normal;
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

/// x + skip + bias on CUDA, all with the channels last. It is made where it is first needed, once for all clones: by a group norm
/// along with itself, which saves a pass for the bias and one for the sum.
#[derive(Debug)]
pub(crate) struct Sum {
    pub x: Value,
    pub skip: Value,
    pub bias: Value,
    /// Something of its shape.
    like: Option<Value>,
    made: OnceCell<Value>,
}

impl Features {
    pub fn new(value: Value, channels: usize) -> Self {
        Self { content: Content::Value(value), channels }
    }

    /// a + b, of the shape of `like`; without that for a group norm alone, and then b may be \[B, C, 1, 1\].
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

    /// \[B, channels, H, W\]; a sum is made now, unless it was before.
    pub fn value(&self, s: &Scope) -> Value {
        match &self.content {
            Content::Value(value) => value.clone(),
            Content::Sum(sum) => from_channels_last(s, sum.made.get_or_init(|| sum.make(s, self.channels))),
        }
    }

    /// The sum that is still to be made.
    pub fn unmade(&self) -> Option<&Sum> {
        match &self.content {
            Content::Sum(sum) if sum.made.get().is_none() => Some(sum),
            _ => None,
        }
    }
}

impl Sum {
    /// It has been made, \[B, H, W, C\].
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

/// In f32, as ONNX Runtime folds constants on the CPU, which does not add in f16.
fn add_constants(s: &Scope, constants: [Value; 2]) -> Value {
    let [a, b] = constants.map(|value| s.as_type(value, s.dtype(), DataType::Float));
    s.compute(&s.op("Add", [&a, &b]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use onnx::{dim, op};

    use super::*;
    use crate::common::{assert_close, input, numbers, run, spelled_out, write_weights};
    use crate::group_norm::{EPS, group_norm};
    use crate::layers::{POINT, conv_term};
    use crate::scope::Builder;
    use crate::weights::Tensors;
    use crate::{ExportedModel, Precision, Target};

    const WIDTH: usize = 320;

    /// x' + conv(x), x' being the norm of x, or the norm of that sum, and beside it the sum again.
    fn model(tensors: &Tensors, cuda: bool, normed: bool) -> ExportedModel {
        let builder = Builder::new("sum", tensors, Target { cuda, ..Precision::F32.into() });
        let s = builder.root();
        let dims = |batch| [dim(batch), dim(WIDTH as i64), dim("height"), dim("width")];
        let x = builder.input("x", DataType::Float, dims("batch"));
        let h = conv_term(&(&s / "conv"), &x, WIDTH, WIDTH, POINT).unwrap();
        let norm = |x: &Features| group_norm(&(&s / "norm"), x, 32, EPS, None).unwrap();
        let normal = norm(&Features::new(x, WIDTH));
        let sum = Features::sum(&s, [normal.value(&s).into(), h], Some(&normal), WIDTH);
        let first = if normed { norm(&sum.clone()).value(&s) } else { sum.clone().value(&s) };
        let both = s.op(op("Concat").int("axis", 0), [&first, &sum.value(&s)]);
        builder.output("y", &both, dims("both"));
        builder.finish(vec![])
    }

    #[test]
    fn one_operator_for_cuda_makes_a_sum_for_all_who_need_it() {
        let folder = tempfile::tempdir().unwrap();
        let shapes: [(&str, &[usize]); 4] = [
            ("conv.weight", &[WIDTH, WIDTH, 1, 1]),
            ("conv.bias", &[WIDTH]),
            ("norm.weight", &[WIDTH]),
            ("norm.bias", &[WIDTH]),
        ];
        write_weights(folder.path(), &shapes);
        let tensors = Tensors::open(folder.path(), "model").unwrap();
        let x = numbers(9, 2 * WIDTH * 2 * 3);
        for normed in [false, true] {
            let [(composed, none), (fused, two)] = [false, true].map(|cuda| {
                let (mut session, count) = spelled_out::session(&model(&tensors, cuda, normed));
                (run(&mut session, vec![input("x", &[2, WIDTH, 2, 3], &x)]), count)
            });
            assert_eq!((none, two), (0, 2), "{normed}");
            assert_close("sum", &fused, &composed, 1e-6);
        }
    }
}
