//! The inputs of a network.

use std::borrow::Cow;
use std::sync::Arc;

use ort::memory::Allocator;
use ort::session::SessionInputValue;
use ort::value::{DynTensor, TensorElementType, TensorRef};

/// An input of a network.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub name: Cow<'static, str>,
    pub shape: Vec<i64>,
    pub values: Values,
}

/// The values of an input, shared: what a request passes at every step is never copied, and its address shows
/// that it has not changed.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    F32(Arc<[f32]>),
    I32(Arc<[i32]>),
    I64(Arc<[i64]>),
    Bool(Arc<[bool]>),
}

impl Input {
    pub fn new<const N: usize>(
        name: impl Into<Cow<'static, str>>,
        shape: [usize; N],
        values: impl Into<Values>,
    ) -> Self {
        Self { name: name.into(), shape: shape.map(|side| side as i64).into(), values: values.into() }
    }

    /// Returns a view for ONNX Runtime, which reads the values in place.
    pub fn view(&self) -> ort::Result<SessionInputValue<'_>> {
        let shape = self.shape.clone();
        Ok(match &self.values {
            Values::F32(values) => TensorRef::from_array_view((shape, &values[..]))?.into(),
            Values::I32(values) => TensorRef::from_array_view((shape, &values[..]))?.into(),
            Values::I64(values) => TensorRef::from_array_view((shape, &values[..]))?.into(),
            Values::Bool(values) => TensorRef::from_array_view((shape, &values[..]))?.into(),
        })
    }

    /// Allocates a tensor of the same type and shape.
    pub fn like(&self, allocator: &Allocator) -> ort::Result<DynTensor> {
        DynTensor::new(allocator, self.values.data_type(), self.shape.clone())
    }
}

impl Values {
    /// Whether both are the same, bit for bit.
    pub fn are(&self, others: &Self) -> bool {
        let (these, those) = (self.bytes(), others.bytes());
        std::ptr::eq(these, those) || self.data_type() == others.data_type() && these == those
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::F32(values) => bytemuck::cast_slice(values),
            Self::I32(values) => bytemuck::cast_slice(values),
            Self::I64(values) => bytemuck::cast_slice(values),
            Self::Bool(values) => bytemuck::cast_slice(values),
        }
    }

    fn data_type(&self) -> TensorElementType {
        match self {
            Self::F32(_) => TensorElementType::Float32,
            Self::I32(_) => TensorElementType::Int32,
            Self::I64(_) => TensorElementType::Int64,
            Self::Bool(_) => TensorElementType::Bool,
        }
    }
}

macro_rules! values_of {
    ($($variant:ident($element:ty)),*) => {$(
        impl From<Arc<[$element]>> for Values {
            fn from(values: Arc<[$element]>) -> Self {
                Self::$variant(values)
            }
        }

        impl From<Vec<$element>> for Values {
            fn from(values: Vec<$element>) -> Self {
                Self::$variant(values.into())
            }
        }
    )*};
}

values_of!(F32(f32), I32(i32), I64(i64), Bool(bool));
