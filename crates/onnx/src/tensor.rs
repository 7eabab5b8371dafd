//! Small tensors that stand in the graph itself, and dimensions.

use crate::{
    DataType, Dim, DimensionProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// A constant that is stored inside the graph.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tensor {
    dtype: DataType,
    dims: Vec<i64>,
    bytes: Vec<u8>,
}

impl Tensor {
    /// A vector of integers, such as a shape.
    pub fn i64s(values: impl IntoIterator<Item = i64>) -> Self {
        Self::vector(DataType::Int64, values.into_iter().map(i64::to_le_bytes))
    }

    /// A vector of f32.
    pub fn f32s(values: impl IntoIterator<Item = f32>) -> Self {
        Self::vector(DataType::Float, values.into_iter().map(f32::to_le_bytes))
    }

    /// A scalar f32 (no dimensions).
    pub fn f32(value: f32) -> Self {
        Self { dtype: DataType::Float, dims: Vec::new(), bytes: value.to_le_bytes().into() }
    }

    /// Any element type from little-endian bytes; the caller sees to it that they fill `dims`.
    pub fn raw(dtype: DataType, dims: Vec<i64>, bytes: Vec<u8>) -> Self {
        Self { dtype, dims, bytes }
    }

    fn vector<const N: usize>(dtype: DataType, values: impl Iterator<Item = [u8; N]>) -> Self {
        let bytes: Vec<u8> = values.flatten().collect();
        Self { dtype, dims: vec![(bytes.len() / N) as i64], bytes }
    }

    /// The initializer of this name.
    pub fn named(&self, name: &str) -> TensorProto {
        TensorProto {
            name: name.into(),
            dims: self.dims.clone(),
            data_type: self.dtype.into(),
            raw_data: self.bytes.clone(),
            ..Default::default()
        }
    }
}

impl From<i64> for Dim {
    fn from(value: i64) -> Self {
        Dim::Value(value)
    }
}

impl From<&str> for Dim {
    fn from(name: &str) -> Self {
        Dim::Param(name.into())
    }
}

impl From<String> for Dim {
    fn from(name: String) -> Self {
        Dim::Param(name)
    }
}

/// A dimension from a number or a name: `[dim("batch"), dim(4)]`.
pub fn dim(value: impl Into<Dim>) -> Dim {
    value.into()
}

/// A graph's input or output: a tensor of these dimensions.
pub(crate) fn value_info(name: &str, dtype: DataType, dims: &[Dim]) -> ValueInfoProto {
    let dim = dims.iter().map(|d| DimensionProto { value: Some(d.clone()) }).collect();
    let tensor = TensorTypeProto { elem_type: dtype.into(), shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
